import { newAttempt, withFlag } from '../../src/call/attempt';
import { applyRead, markEnded, markPlaced } from '../../src/call/apply-evidence';
import { callAborted, toReport, toResult } from '../../src/call/call-result';
import { OUTCOMES } from '../../src/call/outcome';
import { record } from './support/records';

const NOW = Date.parse('2026-12-01T10:00:00.000Z');
const AT = '2026-12-01T10:00:00.000Z';

function placed(number: number, id: string) {
  return markPlaced(newAttempt(number), { ids: [id], by: 'response', atMs: NOW });
}

const PLACED = placed(1, 'call_1');
const ENDED = applyRead(
  PLACED,
  { record: record({ status: 'ended', duration_seconds: 9 }), otherIds: [], reason: null },
  NOW,
);

describe('toResult', () => {
  it('contains the deciding call with its id', () => {
    expect(toResult([ENDED], 'answered')).toEqual({
      outcome: 'answered',
      callId: 'call_1',
      attempts: [
        {
          number: 1,
          callId: 'call_1',
          outcome: 'answered',
          placedAt: AT,
          endedAt: AT,
          rangPhone: true,
          placedBy: 'response',
          learnedBy: 'poll',
        },
      ],
      call: record({ id: 'call_1', status: 'ended', duration_seconds: 9 }),
    });
  });

  it('is decided by the last attempt that ended', () => {
    const second = markEnded(placed(2, 'call_2'), { outcome: 'unknown', rangPhone: true }, NOW);
    expect(toResult([ENDED, second], 'unknown')).toMatchObject({
      callId: 'call_2',
      call: { id: 'call_2' },
    });
  });

  it('omits an attempt that was not sent', () => {
    const result = toResult([ENDED, newAttempt(2)], 'answered');
    expect(result.attempts.map(({ number }) => number)).toEqual([1]);
  });

  it('has neither id nor call if no call was placed', () => {
    expect(toResult([newAttempt(1)], 'expired')).toStrictEqual({
      outcome: 'expired',
      attempts: [],
    });
  });

  it('has no call if no source established one', () => {
    const lost = markEnded(newAttempt(1), { outcome: 'unknown', rangPhone: true }, NOW);
    expect(toResult([lost], 'unknown')).toEqual({
      outcome: 'unknown',
      attempts: [{ number: 1, outcome: 'unknown', endedAt: AT, rangPhone: true }],
    });
  });

  it('contains why the call was suppressed', () => {
    const result = toResult([ENDED], 'suppressed', { reason: 'opted_out' });
    expect(result).toMatchObject({ outcome: 'suppressed', reason: 'opted_out' });
    expect(toResult([ENDED], 'answered')).not.toHaveProperty('reason');
  });

  it('contains a cancellation only if one was requested', () => {
    expect(toResult([], 'cancelled', { cancellation: 'prevented' })).toMatchObject({
      cancellation: 'prevented',
    });
    expect(toResult([ENDED], 'answered')).not.toHaveProperty('cancellation');
  });
});

describe('toReport', () => {
  it('contains only known fields', () => {
    // Not even as `undefined`, which would show in other languages.
    expect(toReport(newAttempt(2))).toStrictEqual({ number: 2 });
    const closed = markEnded(newAttempt(2), { outcome: 'unknown', rangPhone: true }, NOW);
    const { endedAtMs: _, ...withoutEnd } = closed;
    expect(toReport(withoutEnd)).toStrictEqual({ number: 2, outcome: 'unknown', rangPhone: true });
  });

  it('has neither outcome nor end for an open attempt', () => {
    const report = toReport({ ...PLACED, endedAtMs: NOW });
    expect(report).toStrictEqual({
      number: 1,
      callId: 'call_1',
      placedAt: '2026-12-01T10:00:00.000Z',
      placedBy: 'response',
    });
  });

  it('has `flags` only if there are any', () => {
    expect(toReport(withFlag(PLACED, 'second_call')).flags).toEqual(['second_call']);
    expect(toReport(PLACED)).not.toHaveProperty('flags');
  });

  it('contains every known field', () => {
    const call = record({ id: 'call_1', status: 'ended', duration_seconds: 9 });
    const ended = applyRead(PLACED, { record: call, otherIds: [], reason: 'hangup' }, NOW);
    expect(toReport(ended)).toEqual({
      number: 1,
      callId: 'call_1',
      outcome: 'answered',
      placedAt: '2026-12-01T10:00:00.000Z',
      endedAt: '2026-12-01T10:00:00.000Z',
      rangPhone: true,
      placedBy: 'response',
      learnedBy: 'poll',
      reason: 'hangup',
    });
  });

  it.each(OUTCOMES.map((outcome) => [outcome] as const))(
    'reports whether the phone rang: %s',
    (outcome) => {
      for (const rang of [true, false]) {
        const closed = markEnded(PLACED, { outcome, rangPhone: rang }, NOW);
        expect(toReport(closed)).toMatchObject({ outcome, rangPhone: rang });
      }
    },
  );
});

it('an aborted call is named with the command that shows it', () => {
  expect(callAborted('call/order-4711', 'terminated').message).toBe(
    'CallAborted: call/order-4711 was terminated before it had a result. The phone may have rung. ' +
      'Next: temporal workflow describe --workflow-id call/order-4711',
  );
});
