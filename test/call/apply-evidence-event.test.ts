import * as fc from 'fast-check';
import {
  callIdOf,
  candidatesOf,
  isPlaced,
  isSuspected,
  newAttempt,
  withFlag,
  type Attempt,
} from '../../src/call/attempt';
import {
  markEnded,
  applyEvent,
  applyEventToAttempts,
  markPlaced,
  applyRead,
  dismissCall,
  dismissId,
} from '../../src/call/apply-evidence';
import type { CallEvent } from '../../src/call/api-types';
import { anyRecord, record } from './support/records';
import { NOW, ENDED, event, seen, PLACED, SENT, NOT_DIALED, BY_US } from './support/evidence';

describe('applyEvent, before the call is established', () => {
  it.each([
    ['reports progress', SENT, { event: 'call.started' }],
    ['reports that the call ended, but not how', SENT, {}],
    ['is complete, but the attempt was never sent', newAttempt(1), { call: ENDED }],
  ])('needs a read if the delivery %s', (_, attempt, fields) => {
    const updated = applyEvent(attempt, event({ attempt: 1, ...fields }), NOW);
    expect(isPlaced(updated)).toBe(false);
    expect(isSuspected(updated)).toBe(true);
    expect(updated.outcome).toBeUndefined();
    expect(candidatesOf(updated)).toEqual(['call_1']);
  });

  it('accepts a complete result of a request that was sent', () => {
    expect(applyEvent(SENT, event({ attempt: 1, call: ENDED }), NOW)).toMatchObject({
      placedBy: 'webhook',
      outcome: 'answered',
      learnedBy: 'webhook',
      record: { id: 'call_1' },
    });
  });

  it('ignores a delivery that shows another number, and adds a note', () => {
    const other = { ...event({ attempt: 1, call: ENDED }), number: 'other' } as const;
    expect(applyEvent(SENT, other, NOW)).toEqual({
      ...SENT,
      notes: [expect.stringContaining('number')],
    });
  });

  it('takes no id from a delivery about another number, after one without an id ended the call', () => {
    const ended = applyEvent(SENT, event({ attempt: 1, call: { ...ENDED, id: null } }), NOW);
    const copy = {
      ...event({ attempt: 1, callId: 'call_9', call: ENDED }),
      number: 'other',
    } as const;
    expect(applyEvent(ended, copy, NOW)).toEqual({
      ...ended,
      notes: [expect.stringContaining('number')],
    });
  });

  it('is placed by Truedy’s id together with our number, without a read', () => {
    const delivery = {
      ...event({ event: 'call.started', attempt: 1, callId: 'call_1' }),
      number: 'ours',
    } as const;
    expect(applyEvent(SENT, delivery, NOW)).toMatchObject({
      placedBy: 'webhook',
      record: { id: 'call_1', status: 'ringing' },
    });
  });

  it('never uses the carrier’s id as Truedy’s', () => {
    const updated = applyEvent(
      SENT,
      event({ attempt: 1, ids: ['uv_1'], call: { ...ENDED, id: null } }),
      NOW,
    );
    expect(callIdOf(updated)).toBeUndefined();
    expect(updated).toMatchObject({ outcome: 'answered', ids: ['uv_1'] });
  });

  it('tries Truedy’s own id before the carrier’s', () => {
    const delivery = { attempt: 1, callId: 'call_1', ids: ['uv_1', 'call_1'] };
    expect(candidatesOf(applyEvent(SENT, event(delivery), NOW))).toEqual(['call_1', 'uv_1']);
  });

  it('keeps a repeated delivery once, and all others', () => {
    const delivery = event({ attempt: 1, deliveryId: 'evt_1' });
    const updated = applyEvent(applyEvent(SENT, delivery, NOW), delivery, NOW);
    expect(updated.unconfirmed).toEqual([delivery]);
    expect(applyEvent(updated, { ...delivery, deliveryId: 'evt_2' }, NOW).unconfirmed).toHaveLength(
      2,
    );
    const { deliveryId: _, ...unnamed } = delivery;
    expect(applyEvent(applyEvent(SENT, unnamed, NOW), unnamed, NOW).unconfirmed).toHaveLength(2);
  });

  it('keeps a delivery that names no call', () => {
    expect(isSuspected(applyEvent(SENT, event({ attempt: 1, ids: [] }), NOW))).toBe(true);
  });

  it('needs a read if a complete result has a known id but not our reference', () => {
    const updated = applyEvent(
      { ...SENT, ids: ['uv_1'] },
      event({ ids: ['uv_1'], call: ENDED }),
      NOW,
    );
    expect([isPlaced(updated), isSuspected(updated)]).toEqual([false, true]);
  });

  it('keeps only the 16 newest deliveries', () => {
    const many = Array.from({ length: 40 }, (_, n) => event({ attempt: 1, ids: [`call_${n}`] }));
    const updated = many.reduce((attempt, one) => applyEvent(attempt, one, NOW), SENT);
    expect(updated.unconfirmed).toHaveLength(16);
    expect(candidatesOf(updated).at(-1)).toBe('call_39');
  });
});

describe('an id that a delivery named', () => {
  const updated = applyEvent(SENT, event({ attempt: 1, ids: ['call_9', 'uv_9'] }), NOW);

  it('is not read again if Truedy has no such call, but its delivery is kept', () => {
    const without = dismissId(updated, 'call_9');
    expect(candidatesOf(without)).toEqual(['uv_9']);
    expect(isSuspected(without)).toBe(true);
  });

  it('does not block a delivery that also names another id', () => {
    const without = dismissCall(updated, 'call_9');
    const delivery = event({ attempt: 1, ids: ['call_9', 'call_10'] });
    expect(candidatesOf(applyEvent(without, delivery, NOW))).toEqual(['call_10']);
  });

  it('is dismissed without the deliveries of other calls', () => {
    const both = applyEvent(updated, event({ attempt: 1, ids: ['call_10'] }), NOW);
    expect(candidatesOf(dismissCall(both, 'call_9'))).toEqual(['call_10']);
  });

  it('is dismissed with its delivery if the call is not ours', () => {
    const without = dismissCall(updated, 'call_9');
    expect(isSuspected(without)).toBe(false);
    expect(applyEvent(without, event({ attempt: 1, ids: ['call_9'] }), NOW)).toEqual(without);
  });
});

describe('applyEvent', () => {
  it('adds Truedy’s own id to a call known by the carrier’s id', () => {
    const byCarrier = event({ attempt: 1, ids: ['uv_1'], call: { ...ENDED, id: null } });
    const later = event({ attempt: 1, callId: 'call_1', ids: ['call_1', 'uv_1'] });
    const updated = applyEvent(applyEvent(SENT, byCarrier, NOW), later, NOW);
    expect(updated).toMatchObject({ record: { id: 'call_1' }, ids: ['uv_1', 'call_1'], flags: [] });
  });

  it('has no reason if no source gave one', () => {
    expect(applyEvent(PLACED, event({ call: ENDED }), NOW)).not.toHaveProperty('reason');
    expect(applyRead(PLACED, seen(ENDED), NOW)).not.toHaveProperty('reason');
  });

  it('flags a read that shows an ended call as ringing, but not a delivery, which may be late', () => {
    const ringing = record({ id: 'call_1', status: 'ringing' });
    const ended = applyRead(PLACED, seen(ENDED), NOW);
    expect(applyRead(ended, seen(ringing), NOW).flags).toEqual(['contradicted']);
    expect(applyEvent(ended, event({ event: 'call.started' }), NOW).flags).toEqual([]);
  });

  it('flags an outcome that the carrier’s reason contradicts', () => {
    const ended = applyEvent(PLACED, event({ call: ENDED }), NOW);
    const delivery = event({ reason: 'unjoined', call: { ...ENDED, duration_seconds: 0 } });
    expect(applyEvent(ended, delivery, NOW).flags).toEqual(['contradicted']);
    expect(applyEvent(ended, event({ reason: 'unjoined' }), NOW).flags).toEqual([]);
  });

  it('does not change how and when the call was established', () => {
    expect(applyEvent(PLACED, event(), NOW + 9)).toMatchObject({
      placedBy: 'response',
      placedAtMs: NOW,
      lastNewsMs: NOW + 9,
    });
  });

  it('accepts a complete result', () => {
    expect(applyEvent(PLACED, event({ call: ENDED }), NOW)).toMatchObject({
      outcome: 'answered',
      rangPhone: true,
      learnedBy: 'webhook',
      nudged: false,
    });
  });

  it('only prompts a read for an incomplete result, and keeps its reason', () => {
    const updated = applyEvent(PLACED, event({ reason: 'SIP_TERMINATION_BUSY' }), NOW);
    expect(updated).toMatchObject({ nudged: true, reason: 'SIP_TERMINATION_BUSY' });
    expect(updated.outcome).toBeUndefined();
  });

  it('uses the reason of an earlier event for the outcome of a read', () => {
    const updated = applyEvent(PLACED, event({ reason: 'SIP_TERMINATION_BUSY' }), NOW);
    expect(applyRead(updated, seen(record({ id: 'call_1', status: 'ended' })), NOW)).toMatchObject({
      outcome: 'busy',
      learnedBy: 'poll',
    });
  });

  it('flags a second call with our reference and ignores its report', () => {
    const other = event({ call: { ...ENDED, id: 'call_2' } });
    expect(applyEvent(PLACED, other, NOW)).toEqual(withFlag(PLACED, 'second_call'));
  });

  it('accepts a result under another known id of the call', () => {
    const known = markPlaced(newAttempt(1), { ...BY_US, ids: ['call_1', 'uv_1'] });
    expect(applyEvent(known, event({ call: { ...ENDED, id: 'uv_1' } }), NOW)).toMatchObject({
      outcome: 'answered',
      flags: [],
    });
  });

  it('flags a later result with another status and keeps the first', () => {
    const first = applyEvent(PLACED, event({ call: ENDED }), NOW);
    const second = applyEvent(
      first,
      event({ call: { ...ENDED, status: 'failed', duration_seconds: 0 } }),
      NOW + 1,
    );
    expect(second).toMatchObject({
      outcome: 'answered',
      endedAtMs: NOW,
      record: { status: 'ended' },
      flags: ['contradicted'],
    });
  });

  it('flags a conversation of 90 s after an unanswered call, though both have ended', () => {
    const quiet = record({ id: 'call_1', status: 'ended', duration_seconds: 0 });
    const first = applyEvent(PLACED, event({ call: quiet }), NOW);
    const talk = event({ call: { ...ENDED, duration_seconds: 90 } });
    expect(applyEvent(first, talk, NOW)).toMatchObject({
      outcome: 'no_answer',
      flags: ['contradicted'],
    });
  });

  it('counts a joined call as answered if its result has no duration', () => {
    const joined = applyEvent(PLACED, event({ event: 'call.joined' }), NOW);
    const ended = record({ id: 'call_1', status: 'ended' });
    expect(applyRead(joined, seen(ended), NOW)).toMatchObject({ outcome: 'answered', flags: [] });
  });

  it('flags a joined call whose result is unanswered', () => {
    const joined = applyEvent(PLACED, event({ event: 'call.joined' }), NOW);
    const ended = record({ id: 'call_1', status: 'ended' });
    expect(applyRead(joined, seen(ended, 'unjoined'), NOW)).toMatchObject({
      outcome: 'no_answer',
      flags: ['contradicted'],
    });
  });

  it('reopens an attempt that a person resolved as not dialed, and needs a read', () => {
    const late = applyEvent(NOT_DIALED, event({ event: 'call.started', attempt: 1 }), NOW + 1);
    expect(late).toMatchObject({ flags: ['dialed_after_all'] });
    expect(late.outcome).toBeUndefined();
    expect(late.rangPhone).toBeUndefined();
    expect(isSuspected(late)).toBe(true);
  });

  it('closes it with the outcome of a complete delivery', () => {
    const late = applyEvent(NOT_DIALED, event({ attempt: 1, call: ENDED }), NOW + 1);
    expect(late).toMatchObject({
      outcome: 'answered',
      rangPhone: true,
      learnedBy: 'webhook',
      flags: ['dialed_after_all'],
    });
    expect(late.reason).toBeUndefined();
  });

  it('leaves it closed if the next attempt was sent, and records that it rang', () => {
    const late = applyEvent(
      NOT_DIALED,
      event({ event: 'call.started', attempt: 1 }),
      NOW + 1,
      false,
    );
    expect(late).toMatchObject({
      outcome: 'failed',
      rangPhone: true,
      flags: ['dialed_after_all'],
    });
  });

  it('is idempotent', () => {
    fc.assert(
      fc.property(anyRecord, (call) => {
        const report = event({ call });
        const once = applyEvent(PLACED, report, NOW);
        expect(applyEvent(once, report, NOW)).toEqual(once);
      }),
    );
  });

  it('keeps the first outcome, whatever is reported later', () => {
    const reports = fc.array(fc.tuple(anyRecord, fc.boolean(), fc.constantFrom('busy', 'hangup')));
    fc.assert(
      fc.property(reports, (list) => {
        let attempt: Attempt = PLACED;
        let first: string | undefined;
        for (const [call, byRead, reason] of list) {
          attempt = byRead
            ? applyRead(attempt, seen(call, reason), NOW)
            : applyEvent(attempt, event({ call, reason }), NOW);
          first ??= attempt.outcome;
          expect(attempt.outcome).toBe(first);
        }
      }),
    );
  });

  it('is placed only if the call has ended or can be read', () => {
    const delivery = fc.record({
      event: fc.constantFrom('call.started', 'call.joined', 'call.ended', 'call.failed'),
      attempt: fc.option(fc.constant(1), { nil: undefined }),
      callId: fc.option(fc.constantFrom('call_1', 'call_2'), { nil: undefined }),
      ids: fc.subarray(['call_1', 'call_2', 'uv_1']),
      call: fc.option(anyRecord, { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(delivery), fc.boolean(), (list, sent) => {
        let attempt: Attempt = { ...newAttempt(1), sent };
        for (const one of list) {
          attempt = applyEvent(attempt, event(one as Partial<CallEvent>), NOW);
          const isReadable = callIdOf(attempt) !== undefined;
          if (isPlaced(attempt)) expect(isReadable || attempt.outcome !== undefined).toBe(true);
          if (!sent) expect(attempt.outcome).toBeUndefined();
        }
      }),
    );
  });
});

describe('an event after the call has ended', () => {
  const call = (fields: object) => record({ id: 'call_1', duration_seconds: 0, ...fields });
  const ended = () => applyEvent(PLACED, event({ call: call({ status: 'ended' }) }), NOW);

  it('does not contradict the outcome if it is a late call.started', () => {
    const late = applyEvent(ended(), event({ event: 'call.started' }), NOW + 1);
    expect(late).toMatchObject({ outcome: 'no_answer', flags: [] });
  });

  it.each([
    ['a late call.joined', { event: 'call.joined' }],
    ['another terminal status', { event: 'call.failed', call: call({ status: 'failed' }) }],
  ])('contradicts the outcome if it is %s', (_, late) => {
    expect(applyEvent(ended(), event(late), NOW + 1)).toMatchObject({
      outcome: 'no_answer',
      flags: ['contradicted'],
    });
  });
});

describe('applyEventToAttempts', () => {
  const ENDED_FIRST = applyRead(PLACED, seen(ENDED), NOW);
  const SECOND = newAttempt(2);
  const started = event({ event: 'call.started', attempt: 1 });
  const updatedOf = (
    attempts: readonly Attempt[],
    delivery: Parameters<typeof applyEventToAttempts>[1],
  ) => applyEventToAttempts(attempts, delivery, NOW) ?? [];

  it('is undefined if the delivery belongs to no attempt', () => {
    expect(applyEventToAttempts([PLACED, SECOND], event({ ids: ['call_7'] }), NOW)).toBeUndefined();
    expect(applyEventToAttempts([PLACED, SECOND], event({ attempt: 3 }), NOW)).toBeUndefined();
  });

  it.each([0, 1])('changes only the attempt of the delivery: %i', (about) => {
    const attempts = [ENDED_FIRST, { ...SECOND, sent: true }];
    const updated = updatedOf(attempts, event({ attempt: about + 1, reason: 'hangup', ids: [] }));
    expect(updated).toHaveLength(2);
    expect(updated[about]).not.toEqual(attempts[about]);
    expect(updated[1 - about]).toBe(attempts[1 - about]);
  });

  it.each([
    ['reported as live', started, undefined],
    ['reported as ended', event({ attempt: 1, call: ENDED }), 'answered'],
  ])(
    'drops an unsent next attempt if the previous attempt is %s after all',
    (_, delivery, outcome) => {
      const updated = updatedOf([NOT_DIALED, SECOND], delivery);
      expect(updated).toMatchObject([{ number: 1, flags: ['dialed_after_all'] }]);
      expect(updated[0]?.outcome).toBe(outcome);
    },
  );

  it.each([
    ['was sent', { ...SECOND, sent: true }],
    ['has ended', markEnded(SECOND, { outcome: 'expired', rangPhone: false }, NOW)],
  ])('leaves the previous attempt closed if the next one %s', (_, next) => {
    const [first, second] = updatedOf([NOT_DIALED, next], started);
    expect(first).toMatchObject({ outcome: 'failed', flags: ['dialed_after_all'] });
    expect(second).toBe(next);
  });

  it('leaves the previous attempt closed if a later one was sent', () => {
    const attempts = [NOT_DIALED, { ...SECOND, sent: true }, newAttempt(3)];
    expect(updatedOf(attempts, started)).toMatchObject([{ outcome: 'failed' }, {}, {}]);
  });

  it('keeps an unsent next attempt if the delivery shows another number', () => {
    const updated = updatedOf([NOT_DIALED, SECOND], { ...started, number: 'other' });
    expect(updated).toMatchObject([{ outcome: 'failed', flags: [] }, { number: 2 }]);
  });

  it('keeps an unsent next attempt after another report of an ended call', () => {
    expect(updatedOf([ENDED_FIRST, SECOND], event({ attempt: 1 }))).toMatchObject([
      {},
      { number: 2 },
    ]);
  });
});
