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
import { close, hear, hearAll, place, see, withoutCall, withoutId } from '../../src/call/learn';
import type { CallEvent } from '../../src/call/api-types';
import type { CallRecord } from '../../src/call/call-record';
import { anyRecord, record } from './support/records';

const NOW = Date.parse('2026-12-01T10:00:00.000Z');
const ENDED = record({ id: 'call_1', status: 'ended', duration_seconds: 9, started_at: 'x' });

function event(told: Partial<CallEvent> = {}): CallEvent {
  return { event: 'call.ended', ids: ['call_1'], receivedAt: '2026-12-01T10:00:00.000Z', ...told };
}

function seen(call: CallRecord, reason: string | null = null) {
  return { record: call, otherIds: [], reason };
}

const PLACED = place(newAttempt(1), { ids: ['call_1'], by: 'response', atMs: NOW });

const SENT: Attempt = { ...newAttempt(1), sent: true };
const BY_US = { ids: ['call_1'], by: 'response', atMs: NOW } as const;

describe('a delivery that establishes the call', () => {
  const SHORT = record({ status: 'ended', ended_at: '2026-12-01T09:59:00Z' });
  const joined = event({ event: 'call.joined', attempt: 1, ids: [] });
  const ended = event({ attempt: 1, ids: [], call: SHORT });

  it('is heard after those that named no call: a call that was in progress was answered', () => {
    expect(hear(hear(SENT, joined, NOW), ended, NOW)).toMatchObject({
      outcome: 'answered',
      wasInProgress: true,
      unconfirmed: [],
    });
  });

  it('flags a call that an earlier one named beside it', () => {
    const other = event({ event: 'call.started', attempt: 1, callId: 'call_2', ids: ['call_2'] });
    const known = event({ attempt: 1, callId: 'call_1', call: ENDED });
    expect(hear(hear(SENT, other, NOW), known, NOW)).toMatchObject({
      flags: ['second_call'],
      record: { id: 'call_1' },
    });
  });
});

describe('place', () => {
  it('puts the id of the answer before those a delivery told', () => {
    const heard = hear(SENT, event({ attempt: 1, ids: ['uv_1'] }), NOW);
    expect(place(heard, BY_US).ids).toEqual(['call_1', 'uv_1']);
  });

  it('applies what deliveries reported before the call was named', () => {
    const early = event({ attempt: 1, ids: ['uv_1'], reason: 'SIP_TERMINATION_BUSY' });
    expect(place(hear(SENT, early, NOW), BY_US)).toMatchObject({
      nudged: true,
      reason: 'SIP_TERMINATION_BUSY',
      unconfirmed: [],
    });
  });

  it('flags a call that deliveries named beside the one that is placed', () => {
    const other = event({ event: 'call.started', attempt: 1, callId: 'call_2', ids: ['call_2'] });
    expect(place(hear(SENT, other, NOW), BY_US)).toMatchObject({
      flags: ['second_call'],
      record: { id: 'call_1' },
    });
  });

  it('keeps the ending a delivery told before the answer came', () => {
    const heard = hear(SENT, event({ attempt: 1, call: ENDED }), NOW);
    const placed = place(heard, { ...BY_US, atMs: NOW - 5 });
    expect(placed).toMatchObject({ outcome: 'answered', learnedBy: 'webhook', endedAtMs: NOW });
  });

  it('opens an attempt again that a person said was not dialed, and flags it', () => {
    const placed = place(NOT_DIALED, BY_US);
    expect(placed).toMatchObject({ placedBy: 'response', flags: ['dialed_after_all'] });
    expect(placed.outcome).toBeUndefined();
  });

  it('keeps of an attempt that it opens again since when its answer is missing', () => {
    const doubt = { reason: 'no answer', earliestMs: NOW - 9, latestMs: NOW - 5 };
    expect(place({ ...NOT_DIALED, doubt }, BY_US).doubt).toEqual(doubt);
    expect(place(NOT_DIALED, BY_US)).not.toHaveProperty('doubt');
  });

  it('applies what deliveries reported as of when they came', () => {
    const heard = hear(SENT, event({ attempt: 1 }), NOW);
    expect(place(heard, { ...BY_US, atMs: NOW - 5 }).lastNewsMs).toBe(NOW);
  });

  it('remembers that the answer said failed at once', () => {
    expect(place(newAttempt(1), BY_US).saidFailed).toBe(false);
    const placed = { ...BY_US, saidFailed: true } as const;
    expect(place(newAttempt(1), placed)).toMatchObject({ saidFailed: true });
    expect(place(newAttempt(1), placed).outcome).toBeUndefined();
  });
});

const NOT_DIALED = close(
  SENT,
  { outcome: 'failed', rangPhone: false, learnedBy: 'resolve', reason: 'not in the log' },
  NOW,
);

describe('hear, before any source has named the call', () => {
  it.each([
    ['reports progress', SENT, { event: 'call.started' }],
    ['says that it ended and not how', SENT, {}],
    ['is complete, of an attempt that was never sent', newAttempt(1), { call: ENDED }],
  ])('asks for a read where the delivery %s', (_, attempt, told) => {
    const heard = hear(attempt, event({ attempt: 1, ...told }), NOW);
    expect(isPlaced(heard)).toBe(false);
    expect(isSuspected(heard)).toBe(true);
    expect(heard.outcome).toBeUndefined();
    expect(candidatesOf(heard)).toEqual(['call_1']);
  });

  it('takes a complete ending of a request that was sent for the fact', () => {
    expect(hear(SENT, event({ attempt: 1, call: ENDED }), NOW)).toMatchObject({
      placedBy: 'webhook',
      outcome: 'answered',
      learnedBy: 'webhook',
      record: { id: 'call_1' },
    });
  });

  it('takes nothing from a delivery that shows another number, and notes it', () => {
    const other = { ...event({ attempt: 1, call: ENDED }), number: 'other' } as const;
    expect(hear(SENT, other, NOW)).toEqual({ ...SENT, notes: [expect.stringContaining('number')] });
  });

  it('is placed by the vendor’s id beside our number, without a read', () => {
    const told = {
      ...event({ event: 'call.started', attempt: 1, callId: 'call_1' }),
      number: 'ours',
    } as const;
    expect(hear(SENT, told, NOW)).toMatchObject({
      placedBy: 'webhook',
      record: { id: 'call_1', status: 'ringing' },
    });
  });

  it('never takes the carrier’s id for the vendor’s', () => {
    const heard = hear(
      SENT,
      event({ attempt: 1, ids: ['uv_1'], call: { ...ENDED, id: null } }),
      NOW,
    );
    expect(callIdOf(heard)).toBeUndefined();
    expect(heard).toMatchObject({ outcome: 'answered', ids: ['uv_1'] });
  });

  it('asks for the vendor’s own id before the carrier’s', () => {
    const told = { attempt: 1, callId: 'call_1', ids: ['uv_1', 'call_1'] };
    expect(candidatesOf(hear(SENT, event(told), NOW))).toEqual(['call_1', 'uv_1']);
  });

  it('keeps the same delivery once, and every other one', () => {
    const told = event({ attempt: 1, deliveryId: 'evt_1' });
    const heard = hear(hear(SENT, told, NOW), told, NOW);
    expect(heard.unconfirmed).toEqual([told]);
    expect(hear(heard, { ...told, deliveryId: 'evt_2' }, NOW).unconfirmed).toHaveLength(2);
    const { deliveryId: _, ...unnamed } = told;
    expect(hear(hear(SENT, unnamed, NOW), unnamed, NOW).unconfirmed).toHaveLength(2);
  });

  it('stays open to a delivery that names no call at all', () => {
    expect(isSuspected(hear(SENT, event({ attempt: 1, ids: [] }), NOW))).toBe(true);
  });

  it('asks for a read where a complete ending has an id of ours and not our reference', () => {
    const heard = hear({ ...SENT, ids: ['uv_1'] }, event({ ids: ['uv_1'], call: ENDED }), NOW);
    expect([isPlaced(heard), isSuspected(heard)]).toEqual([false, true]);
  });

  it('holds at most 16 deliveries, the newest ones', () => {
    const many = Array.from({ length: 40 }, (_, n) => event({ attempt: 1, ids: [`call_${n}`] }));
    const heard = many.reduce((attempt, one) => hear(attempt, one, NOW), SENT);
    expect(heard.unconfirmed).toHaveLength(16);
    expect(candidatesOf(heard).at(-1)).toBe('call_39');
  });
});

describe('an id that a delivery named', () => {
  const heard = hear(SENT, event({ attempt: 1, ids: ['call_9', 'uv_9'] }), NOW);

  it('is not read again where Truedy knows no such call; the delivery stays open', () => {
    const without = withoutId(heard, 'call_9');
    expect(candidatesOf(without)).toEqual(['uv_9']);
    expect(isSuspected(without)).toBe(true);
  });

  it('does not keep a delivery from being heard that names another id, too', () => {
    const without = withoutCall(heard, 'call_9');
    const told = event({ attempt: 1, ids: ['call_9', 'call_10'] });
    expect(candidatesOf(hear(without, told, NOW))).toEqual(['call_10']);
  });

  it('takes no delivery of another call with it', () => {
    const both = hear(heard, event({ attempt: 1, ids: ['call_10'] }), NOW);
    expect(candidatesOf(withoutCall(both, 'call_9'))).toEqual(['call_10']);
  });

  it('takes its delivery with it where its call is another one', () => {
    const without = withoutCall(heard, 'call_9');
    expect(isSuspected(without)).toBe(false);
    expect(hear(without, event({ attempt: 1, ids: ['call_9'] }), NOW)).toEqual(without);
  });
});

describe('hear', () => {
  it('learns the vendor’s own id of a call that it knew by the carrier’s', () => {
    const byCarrier = event({ attempt: 1, ids: ['uv_1'], call: { ...ENDED, id: null } });
    const later = event({ attempt: 1, callId: 'call_1', ids: ['call_1', 'uv_1'] });
    const heard = hear(hear(SENT, byCarrier, NOW), later, NOW);
    expect(heard).toMatchObject({ record: { id: 'call_1' }, ids: ['uv_1', 'call_1'], flags: [] });
  });

  it('has no reason where no source gave one', () => {
    expect(hear(PLACED, event({ call: ENDED }), NOW)).not.toHaveProperty('reason');
    expect(see(PLACED, seen(ENDED), NOW)).not.toHaveProperty('reason');
  });

  it('flags a read that shows an ended call as ringing, and no delivery, which may be late', () => {
    const ringing = record({ id: 'call_1', status: 'ringing' });
    const ended = see(PLACED, seen(ENDED), NOW);
    expect(see(ended, seen(ringing), NOW).flags).toEqual(['contradicted']);
    expect(hear(ended, event({ event: 'call.started' }), NOW).flags).toEqual([]);
  });

  it('flags an ending that the carrier’s reason contradicts', () => {
    const ended = hear(PLACED, event({ call: ENDED }), NOW);
    const told = event({ reason: 'unjoined', call: { ...ENDED, duration_seconds: 0 } });
    expect(hear(ended, told, NOW).flags).toEqual(['contradicted']);
    expect(hear(ended, event({ reason: 'unjoined' }), NOW).flags).toEqual([]);
  });

  it('leaves alone how and when the call was established before', () => {
    expect(hear(PLACED, event(), NOW + 9)).toMatchObject({
      placedBy: 'response',
      placedAtMs: NOW,
      lastNewsMs: NOW + 9,
    });
  });

  it('takes a complete ending for the fact', () => {
    expect(hear(PLACED, event({ call: ENDED }), NOW)).toMatchObject({
      outcome: 'answered',
      rangPhone: true,
      learnedBy: 'webhook',
      nudged: false,
    });
  });

  it('takes less than that for a nudge and keeps its reason', () => {
    const heard = hear(PLACED, event({ reason: 'SIP_TERMINATION_BUSY' }), NOW);
    expect(heard).toMatchObject({ nudged: true, reason: 'SIP_TERMINATION_BUSY' });
    expect(heard.outcome).toBeUndefined();
  });

  it('uses the reason of an earlier nudge for the ending a read tells', () => {
    const heard = hear(PLACED, event({ reason: 'SIP_TERMINATION_BUSY' }), NOW);
    expect(see(heard, seen(record({ id: 'call_1', status: 'ended' })), NOW)).toMatchObject({
      outcome: 'busy',
      learnedBy: 'poll',
    });
  });

  it('flags a second call with our reference and learns nothing of it', () => {
    const other = event({ call: { ...ENDED, id: 'call_2' } });
    expect(hear(PLACED, other, NOW)).toEqual(withFlag(PLACED, 'second_call'));
  });

  it('takes an ending under another id that is known for the same call', () => {
    const known = place(newAttempt(1), { ...BY_US, ids: ['call_1', 'uv_1'] });
    expect(hear(known, event({ call: { ...ENDED, id: 'uv_1' } }), NOW)).toMatchObject({
      outcome: 'answered',
      flags: [],
    });
  });

  it('flags a later ending of another kind and keeps the first', () => {
    const first = hear(PLACED, event({ call: ENDED }), NOW);
    const second = hear(
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

  it('flags a talk of 90 s after an ending without an answer, though both have ended', () => {
    const quiet = record({ id: 'call_1', status: 'ended', duration_seconds: 0 });
    const first = hear(PLACED, event({ call: quiet }), NOW);
    const talk = event({ call: { ...ENDED, duration_seconds: 90 } });
    expect(hear(first, talk, NOW)).toMatchObject({ outcome: 'no_answer', flags: ['contradicted'] });
  });

  it('counts a call that was joined as answered, where its ending tells no duration', () => {
    const joined = hear(PLACED, event({ event: 'call.joined' }), NOW);
    const ended = record({ id: 'call_1', status: 'ended' });
    expect(see(joined, seen(ended), NOW)).toMatchObject({ outcome: 'answered', flags: [] });
  });

  it('flags a call that was joined and whose ending says that nobody answered', () => {
    const joined = hear(PLACED, event({ event: 'call.joined' }), NOW);
    const ended = record({ id: 'call_1', status: 'ended' });
    expect(see(joined, seen(ended, 'unjoined'), NOW)).toMatchObject({
      outcome: 'no_answer',
      flags: ['contradicted'],
    });
  });

  it('opens an attempt again that a person said was not dialed, and asks for a read', () => {
    const late = hear(NOT_DIALED, event({ event: 'call.started', attempt: 1 }), NOW + 1);
    expect(late).toMatchObject({ flags: ['dialed_after_all'] });
    expect(late.outcome).toBeUndefined();
    expect(late.rangPhone).toBeUndefined();
    expect(isSuspected(late)).toBe(true);
  });

  it('ends it by a complete delivery', () => {
    const late = hear(NOT_DIALED, event({ attempt: 1, call: ENDED }), NOW + 1);
    expect(late).toMatchObject({
      outcome: 'answered',
      rangPhone: true,
      learnedBy: 'webhook',
      flags: ['dialed_after_all'],
    });
    expect(late.reason).toBeUndefined();
  });

  it('leaves it closed once the next attempt was sent, and says that it rang', () => {
    const late = hear(NOT_DIALED, event({ event: 'call.started', attempt: 1 }), NOW + 1, false);
    expect(late).toMatchObject({
      outcome: 'failed',
      rangPhone: true,
      flags: ['dialed_after_all'],
    });
  });

  it('changes nothing by the same delivery again but the time of the last news', () => {
    fc.assert(
      fc.property(anyRecord, (call) => {
        const news = event({ call });
        const once = hear(PLACED, news, NOW);
        expect(hear(once, news, NOW)).toEqual(once);
      }),
    );
  });

  it('keeps the first outcome whatever is heard and seen after it', () => {
    const news = fc.array(fc.tuple(anyRecord, fc.boolean(), fc.constantFrom('busy', 'hangup')));
    fc.assert(
      fc.property(news, (list) => {
        let attempt: Attempt = PLACED;
        let first: string | undefined;
        for (const [call, byRead, reason] of list) {
          attempt = byRead
            ? see(attempt, seen(call, reason), NOW)
            : hear(attempt, event({ call, reason }), NOW);
          first ??= attempt.outcome;
          expect(attempt.outcome).toBe(first);
        }
      }),
    );
  });

  it('is placed only by a call that has ended or that can be read', () => {
    const told = fc.record({
      event: fc.constantFrom('call.started', 'call.joined', 'call.ended', 'call.failed'),
      attempt: fc.option(fc.constant(1), { nil: undefined }),
      callId: fc.option(fc.constantFrom('call_1', 'call_2'), { nil: undefined }),
      ids: fc.subarray(['call_1', 'call_2', 'uv_1']),
      call: fc.option(anyRecord, { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(told), fc.boolean(), (list, sent) => {
        let attempt: Attempt = { ...newAttempt(1), sent };
        for (const one of list) {
          attempt = hear(attempt, event(one as Partial<CallEvent>), NOW);
          const isReadable = callIdOf(attempt) !== undefined;
          if (isPlaced(attempt)) expect(isReadable || attempt.outcome !== undefined).toBe(true);
          if (!sent) expect(attempt.outcome).toBeUndefined();
        }
      }),
    );
  });
});

describe('see', () => {
  it.each([
    ['the vendor’s, where it has passed', '2026-12-01T09:59:00.000Z', NOW - 60_000],
    ['ours, where the vendor’s is in the future', '9999-12-31T00:00:00.000Z', NOW],
    ['ours, where the vendor’s cannot be read', 'yesterday', NOW],
    ['ours, where the vendor tells none', null, NOW],
  ])('takes for the end time %s', (_, ended_at, endedAtMs) => {
    expect(see(PLACED, seen({ ...ENDED, ended_at }), NOW)).toMatchObject({ endedAtMs });
  });

  it('keeps further ids the vendor tells', () => {
    const told = { record: ENDED, otherIds: ['uv_1', 'call_1'], reason: null };
    expect(see(PLACED, told, NOW).ids).toEqual(['call_1', 'uv_1']);
  });

  it('keeps the first reason', () => {
    const heard = see(PLACED, seen(record(), 'unjoined'), NOW);
    expect(see(heard, seen(record(), 'hangup'), NOW).reason).toBe('unjoined');
  });
});

describe('close', () => {
  it('ends an attempt in a way that no record tells', () => {
    const ending = { outcome: 'unknown', rangPhone: true, reason: 'overdue' } as const;
    expect(close(PLACED, ending, NOW)).toEqual({ ...PLACED, ...ending, endedAtMs: NOW });
  });
});

describe('news that comes after the end', () => {
  const told = (call: object) => record({ id: 'call_1', duration_seconds: 0, ...call });
  const ended = () => hear(PLACED, event({ call: told({ status: 'ended' }) }), NOW);

  it('is no contradiction as a late call.started', () => {
    const late = hear(ended(), event({ event: 'call.started' }), NOW + 1);
    expect(late).toMatchObject({ outcome: 'no_answer', flags: [] });
  });

  it.each([
    ['a late call.joined', { event: 'call.joined' }],
    ['another ending', { event: 'call.failed', call: told({ status: 'failed' }) }],
  ])('is one as %s', (_, late) => {
    expect(hear(ended(), event(late), NOW + 1)).toMatchObject({
      outcome: 'no_answer',
      flags: ['contradicted'],
    });
  });
});

describe('hearAll', () => {
  const ENDED_FIRST = see(PLACED, seen(ENDED), NOW);
  const SECOND = newAttempt(2);
  const started = event({ event: 'call.started', attempt: 1 });
  const heardOf = (attempts: readonly Attempt[], told: Parameters<typeof hearAll>[1]) =>
    hearAll(attempts, told, NOW) ?? [];

  it('is nothing where the delivery is about no attempt', () => {
    expect(hearAll([PLACED, SECOND], event({ ids: ['call_7'] }), NOW)).toBeUndefined();
    expect(hearAll([PLACED, SECOND], event({ attempt: 3 }), NOW)).toBeUndefined();
  });

  it.each([0, 1])('changes the attempt that the delivery is about and no other: %i', (about) => {
    const attempts = [ENDED_FIRST, { ...SECOND, sent: true }];
    const heard = heardOf(attempts, event({ attempt: about + 1, reason: 'hangup', ids: [] }));
    expect(heard).toHaveLength(2);
    expect(heard[about]).not.toEqual(attempts[about]);
    expect(heard[1 - about]).toBe(attempts[1 - about]);
  });

  it.each([
    ['reported as live', started, undefined],
    ['reported as ended', event({ attempt: 1, call: ENDED }), 'answered'],
  ])('drops an unsent next attempt where the one before is %s after all', (_, told, outcome) => {
    const heard = heardOf([NOT_DIALED, SECOND], told);
    expect(heard).toMatchObject([{ number: 1, flags: ['dialed_after_all'] }]);
    expect(heard[0]?.outcome).toBe(outcome);
  });

  it.each([
    ['was sent', { ...SECOND, sent: true }],
    ['has ended', close(SECOND, { outcome: 'expired', rangPhone: false }, NOW)],
  ])('leaves the one before closed where the next attempt %s', (_, next) => {
    const [first, second] = heardOf([NOT_DIALED, next], started);
    expect(first).toMatchObject({ outcome: 'failed', flags: ['dialed_after_all'] });
    expect(second).toBe(next);
  });

  it('leaves the one before closed where one of the later attempts was sent', () => {
    const attempts = [NOT_DIALED, { ...SECOND, sent: true }, newAttempt(3)];
    expect(heardOf(attempts, started)).toMatchObject([{ outcome: 'failed' }, {}, {}]);
  });

  it('keeps an unsent next attempt where the delivery shows another number', () => {
    const heard = heardOf([NOT_DIALED, SECOND], { ...started, number: 'other' });
    expect(heard).toMatchObject([{ outcome: 'failed', flags: [] }, { number: 2 }]);
  });

  it('keeps an unsent next attempt after one more report of a call that has ended', () => {
    expect(heardOf([ENDED_FIRST, SECOND], event({ attempt: 1 }))).toMatchObject([
      {},
      { number: 2 },
    ]);
  });
});

/** Random reports about any attempt, with ends and sends between them. */
describe('the attempts of one run', () => {
  const report = fc.record({
    kind: fc.constant('report' as const),
    event: fc.constantFrom('call.started', 'call.joined', 'call.ended', 'call.failed'),
    attempt: fc.integer({ min: 1, max: 4 }),
    ids: fc.subarray(['call_1', 'call_2', 'call_3', 'uv_1']),
    call: fc.option(anyRecord, { nil: undefined }),
    reason: fc.constantFrom(undefined, 'unjoined', 'hangup'),
  });
  const step = fc.oneof(
    report,
    fc.constantFrom(
      ...(['send', 'place', 'not_dialed', 'next'] as const).map((kind) => ({ kind })),
    ),
  );

  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  function run(steps: readonly Step[], each: Check): void {
    let attempts: readonly Attempt[] = [newAttempt(1)];
    for (const one of steps) {
      const before = attempts;
      const last = before.at(-1) ?? newAttempt(1);
      const swap = (changed: Attempt) => [...before.slice(0, -1), changed];
      switch (one.kind) {
        case 'report': {
          const { reason, call, attempt, ids } = one;
          const rest = { ...(call && { call }), ...(reason !== undefined && { reason }) };
          const told = event({ event: one.event, attempt, ids, ...rest });
          attempts = hearAll(before, told, NOW) ?? before;
          break;
        }
        case 'send':
          attempts = swap({ ...last, sent: true });
          break;
        case 'place':
          if (last.sent && !isPlaced(last)) {
            const ids = [`call_${last.number}`] as const;
            attempts = swap(place(last, { ids, by: 'response', atMs: NOW }));
          }
          break;
        case 'not_dialed':
          if (last.sent && !isPlaced(last) && !isSuspected(last) && last.outcome === undefined) {
            const word = { outcome: 'failed', rangPhone: false, learnedBy: 'resolve' } as const;
            attempts = swap(close(last, word, NOW));
          }
          break;
        case 'next':
          if (last.outcome !== undefined) attempts = [...before, newAttempt(last.number + 1)];
      }
      each(before, attempts, one);
    }
  }
  type Check = (
    before: readonly Attempt[],
    after: readonly Attempt[],
    step: { readonly kind: string; readonly attempt?: number },
  ) => void;
  const check = (each: Check) =>
    fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => run(steps, each)));

  it('begin with nothing of the ones before', () => {
    check((before, after) => {
      if (after.length > before.length) expect(after.at(-1)).toEqual(newAttempt(after.length));
    });
  });

  it('are changed by a report about them, and by no other', () => {
    check((before, after, { kind, attempt }) => {
      if (kind !== 'report') return;
      for (const known of before) {
        const now = after.find(({ number }) => number === known.number);
        if (now === undefined) expect(known.sent || known.outcome !== undefined).toBe(false);
        else if (known.number !== attempt) expect(now).toBe(known);
      }
    });
  });

  it('keep every flag', () => {
    check((before, after) => {
      for (const { number, flags } of after) {
        const known = before.find((one) => one.number === number)?.flags ?? [];
        expect(flags).toEqual(expect.arrayContaining([...known]));
      }
    });
  });

  it('lose no attempt of which a byte may have left, and change no outcome that a call has', () => {
    check((before, after) => {
      for (const known of before) {
        const now = after.find(({ number }) => number === known.number);
        if (known.sent) expect(now?.sent).toBe(true);
        if (isPlaced(known) && known.outcome !== undefined)
          expect(now?.outcome).toBe(known.outcome);
      }
    });
  });

  it('are open again only while no later one was sent', () => {
    check((before, after, { kind }) => {
      if (kind !== 'report') return;
      for (const known of before) {
        const now = after.find(({ number }) => number === known.number);
        if (known.outcome === undefined || now?.outcome !== undefined) continue;
        expect(after.at(-1)?.number).toBe(known.number);
        expect(now?.flags).toContain('dialed_after_all');
      }
    });
  });
});
