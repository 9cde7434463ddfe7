import { unreadable } from '../../src/call/untrusted-values';
import { toLook, toPage, toPlaced, toRead } from '../../src/workflows/answers';

const HANDED = 1_000;
const NOW = 2_000;

/** What a person can complete an activity with, and what stands for a payload that cannot be decoded. */
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

it.each(odd.map((told) => [told]))('takes %j of placeCall for a lost answer', (told) => {
  expect(toPlaced(told as never, HANDED, NOW)).toEqual({
    kind: 'unclear',
    reason: 'the result of placeCall could not be read',
    earliestSendMs: HANDED,
    latestSendMs: NOW,
  });
});

it.each([...ODD, { kind: 'read' }, { kind: 'read', record: null }].map((told) => [told]))(
  'takes %j of readCall for no read',
  (told) => {
    expect(toRead(told as never)).toEqual({ kind: 'unreadable' });
  },
);

it.each([...ODD, { kind: 'ours' }, { kind: 'ours', record: { id: null } }].map((told) => [told]))(
  'takes %j of lookCall for nothing seen',
  (told) => {
    expect(toLook(told as never)).toBeUndefined();
  },
);

it.each([...ODD, { rows: 1 }].map((told) => [told]))('takes %j of findCall for no page', (told) => {
  expect(toPage(told as never)).toBeUndefined();
});

it('leaves answers as they are', () => {
  const placed = { kind: 'placed', callId: 'c', saysFailed: false, sentAtMs: 1 } as const;
  expect(toPlaced(placed, HANDED, NOW)).toBe(placed);
  expect(toRead({ kind: 'overdue' })).toEqual({ kind: 'overdue' });
  const other = { kind: 'not_ours', because: 'x' } as const;
  expect(toLook(other)).toBe(other);
});
