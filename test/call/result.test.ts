import { newAttempt } from '../../src/call/attempt';
import { close, place, see } from '../../src/call/learn';
import { toResult } from '../../src/call/result';
import { record } from './support/records';

const NOW = Date.parse('2026-12-01T10:00:00.000Z');
const AT = '2026-12-01T10:00:00.000Z';

function placed(number: number, id: string) {
  return place(newAttempt(number), { ids: [id], by: 'response', atMs: NOW });
}

const ENDED = see(
  placed(1, 'call_1'),
  { record: record({ status: 'ended', duration_seconds: 9 }), otherIds: [], reason: null },
  NOW,
);

describe('toResult', () => {
  it('tells the deciding call with its id', () => {
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
    const second = close(placed(2, 'call_2'), { outcome: 'unknown', rangPhone: true }, NOW);
    expect(toResult([ENDED, second], 'unknown')).toMatchObject({
      callId: 'call_2',
      call: { id: 'call_2' },
    });
  });

  it('leaves out an attempt of which nothing was sent', () => {
    const result = toResult([ENDED, newAttempt(2)], 'answered');
    expect(result.attempts.map(({ number }) => number)).toEqual([1]);
  });

  it('has neither id nor call where nothing was placed', () => {
    expect(toResult([newAttempt(1)], 'expired')).toStrictEqual({
      outcome: 'expired',
      attempts: [],
    });
  });

  it('has no call where it never was established that one exists', () => {
    const lost = close(newAttempt(1), { outcome: 'unknown', rangPhone: true }, NOW);
    expect(toResult([lost], 'unknown')).toEqual({
      outcome: 'unknown',
      attempts: [{ number: 1, outcome: 'unknown', endedAt: AT, rangPhone: true }],
    });
  });

  it('tells what became of a cancellation only where one was asked for', () => {
    expect(toResult([], 'cancelled', 'prevented')).toMatchObject({ cancellation: 'prevented' });
    expect(toResult([ENDED], 'answered')).not.toHaveProperty('cancellation');
  });
});
