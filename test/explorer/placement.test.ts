import { explore, type Rules } from './model';

const RELIABLE: Omit<Rules, 'resend'> = { keyHolds: true, noLateDial: true, listingComplete: true };

/** The rows of `docs/unknown.md`: ways to place a call, with the largest number of dials that each can cause. */
const ROWS: readonly (readonly [string, Rules, number])[] = [
  [
    'one request, then reading only; late dials, lagging listings, useless keys',
    { resend: 'never', keyHolds: false, noLateDial: false, listingComplete: false },
    1,
  ],
  ['again immediately with the same key', { ...RELIABLE, resend: 'immediately' }, 2],
  [
    'settled, the same key; the vendor never crashes in between',
    { ...RELIABLE, resend: 'settled' },
    1,
  ],
  [
    'settled, the same key; the vendor may crash between dial and key',
    { ...RELIABLE, resend: 'settled', keyHolds: false },
    2,
  ],
  [
    'listed immediately, again if absent',
    { ...RELIABLE, resend: 'absent-immediately', keyHolds: false, noLateDial: false },
    2,
  ],
  [
    'settled and listed, again if absent; no late dials, complete listings',
    { ...RELIABLE, resend: 'absent-settled', keyHolds: false },
    1,
  ],
  [
    'settled and listed, again if absent; dials may be late',
    { ...RELIABLE, resend: 'absent-settled', keyHolds: false, noLateDial: false },
    2,
  ],
  [
    'settled and listed, again if absent; listings may be incomplete',
    { ...RELIABLE, resend: 'absent-settled', keyHolds: false, listingComplete: false },
    2,
  ],
];

describe('every state that placement can reach', () => {
  it.each(ROWS)('%s', (_name, rules, mostDials) => {
    const finding = explore(rules);
    expect(finding.mostDials).toBe(mostDials);
    expect(finding.states).toBeGreaterThan(10);
  });

  it('includes a dial for each way, so that no way is safe only because it never dials', () => {
    for (const [, rules] of ROWS) expect(explore(rules).mostDials).toBeGreaterThan(0);
  });
});
