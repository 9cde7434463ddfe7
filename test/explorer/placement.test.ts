import { explore, type Rules } from './model';

const KIND: Omit<Rules, 'resend'> = { keyHolds: true, noLateDial: true, listingWhole: true };

/** The rows of `docs/unknown.md`: ways of placing a call, and the most dials each can lead to. */
const ROWS: readonly (readonly [string, Rules, number])[] = [
  [
    'one request, then reading only; late dials, lagging listings, useless keys',
    { resend: 'never', keyHolds: false, noLateDial: false, listingWhole: false },
    1,
  ],
  ['again at once with the same key', { ...KIND, resend: 'at-once' }, 2],
  ['settled, the same key, a vendor that never dies in between', { ...KIND, resend: 'settled' }, 1],
  [
    'settled, the same key, a vendor that may die between dial and key',
    { ...KIND, resend: 'settled', keyHolds: false },
    2,
  ],
  [
    'listed at once, again if absent',
    { ...KIND, resend: 'absent-at-once', keyHolds: false, noLateDial: false },
    2,
  ],
  [
    'settled and listed, again if absent; nothing late, listings whole',
    { ...KIND, resend: 'absent-settled', keyHolds: false },
    1,
  ],
  [
    'settled and listed, again if absent; dials may come late',
    { ...KIND, resend: 'absent-settled', keyHolds: false, noLateDial: false },
    2,
  ],
  [
    'settled and listed, again if absent; listings may miss',
    { ...KIND, resend: 'absent-settled', keyHolds: false, listingWhole: false },
    2,
  ],
];

describe('every state that placement can reach', () => {
  it.each(ROWS)('%s', (_name, rules, mostDials) => {
    const finding = explore(rules);
    expect(finding.mostDials).toBe(mostDials);
    expect(finding.states).toBeGreaterThan(10);
  });

  it('includes a dial in each of them: nothing is safe by doing nothing', () => {
    for (const [, rules] of ROWS) expect(explore(rules).mostDials).toBeGreaterThan(0);
  });
});
