import { unreadable } from '../../src/call/untrusted-values';
import { toLook, toPage, toPlaced, toRead } from '../../src/workflows/answers';

const SCHEDULED = 1_000;
const NOW = 2_000;

/** Values that an operator can complete an activity with, and the marker of a payload that cannot be decoded. */
const ODD: readonly unknown[] = [
  unreadable('json/plain'),
  undefined,
  null,
  'placed',
  7,
  [],
  {},
  { kind: 'rang' },
  { kind: ['placed'] },
];
const odd = [...ODD, { kind: 'placed' }, { kind: 'placed', callId: 1 }, { kind: 'unclear' }];

it.each(odd.map((answer) => [answer]))('treats %j from placeCall as a lost response', (answer) => {
  expect(toPlaced(answer as never, SCHEDULED, NOW)).toEqual({
    kind: 'unclear',
    reason: 'the result of placeCall could not be read',
    earliestSendMs: SCHEDULED,
    latestSendMs: NOW,
  });
});

it.each([...ODD, { kind: 'read' }, { kind: 'read', record: null }].map((answer) => [answer]))(
  'treats %j from readCall as unreadable',
  (answer) => {
    expect(toRead(answer as never)).toEqual({ kind: 'unreadable' });
  },
);

it.each(
  [...ODD, { kind: 'ours' }, { kind: 'ours', record: { id: null } }].map((answer) => [answer]),
)('treats %j from lookCall as no successful read', (answer) => {
  expect(toLook(answer as never)).toBeUndefined();
});

it.each([...ODD, { rows: 1 }].map((answer) => [answer]))(
  'treats %j from findCall as no page',
  (answer) => {
    expect(toPage(answer as never)).toBeUndefined();
  },
);

it('returns valid results unchanged', () => {
  const placed = { kind: 'placed', callId: 'c', saysFailed: false, sentAtMs: 1 } as const;
  expect(toPlaced(placed, SCHEDULED, NOW)).toBe(placed);
  expect(toRead({ kind: 'overdue' })).toEqual({ kind: 'overdue' });
  const other = { kind: 'not_ours', because: 'x' } as const;
  expect(toLook(other)).toBe(other);
});
