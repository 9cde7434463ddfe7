import * as fc from 'fast-check';
import {
  callIdOf,
  candidatesOf,
  close,
  hear,
  isAbout,
  isPlaced,
  isSuspected,
  newAttempt,
  phaseOf,
  place,
  see,
  toReport,
  withFlag,
  withoutCall,
  withoutId,
  type Attempt,
} from '../../src/call/attempts';
import type { CallEvent } from '../../src/call/messages';
import { OUTCOMES } from '../../src/call/outcome';
import type { CallRecord } from '../../src/call/snapshot';
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

describe('isAbout', () => {
  it.each([
    ['carries its number', { attempt: 1, ids: ['other'] }, true],
    ['carries another number, though its id is known', { attempt: 2 }, false],
    ['carries a known id', { ids: ['x', 'call_1'] }, true],
    ['carries unknown ids only', { ids: ['x'] }, false],
    ['carries no id', { ids: [] }, false],
  ])('where the event %s', (_, told, about) => {
    expect(isAbout(PLACED, event(told))).toBe(about);
  });
});

const SENT: Attempt = { ...newAttempt(1), sent: true };
const BY_US = { ids: ['call_1'], by: 'response', atMs: NOW } as const;

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

  it('remembers that the answer said failed at once', () => {
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

  it('keeps the same delivery once', () => {
    const told = event({ attempt: 1, deliveryId: 'evt_1' });
    expect(hear(hear(SENT, told, NOW), told, NOW).unconfirmed).toHaveLength(1);
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

  it('takes its delivery with it where its call is another one', () => {
    const without = withoutCall(heard, 'call_9');
    expect(isSuspected(without)).toBe(false);
    expect(hear(without, event({ attempt: 1, ids: ['call_9'] }), NOW)).toEqual(without);
  });
});

describe('hear', () => {
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

describe('withFlag', () => {
  it('holds a flag once', () => {
    const flagged = withFlag(PLACED, 'second_call');
    expect(withFlag(flagged, 'second_call').flags).toEqual(['second_call']);
  });
});

describe('callIdOf', () => {
  it('is the vendor’s own id, and no other that is known', () => {
    const attempt = { ...newAttempt(1), ids: ['uv_1'] };
    expect(callIdOf(attempt)).toBeUndefined();
    expect(callIdOf({ ...attempt, record: record({ id: 'call_1' }) })).toBe('call_1');
  });
});

describe('phaseOf', () => {
  it.each([
    [null, 'queued'],
    ['queued', 'queued'],
    ['ringing', 'ringing'],
    ['in_progress', 'in_progress'],
  ] as const)('of status %s is %s', (status, phase) => {
    expect(phaseOf(status)).toBe(phase);
  });
});

describe('toReport', () => {
  it('tells nothing that is not known', () => {
    expect(toReport(newAttempt(2))).toEqual({ number: 2 });
  });

  it('has neither outcome nor end of an open attempt', () => {
    const report = toReport({ ...PLACED, endedAtMs: NOW });
    expect(report).toEqual({
      number: 1,
      callId: 'call_1',
      placedAt: '2026-12-01T10:00:00.000Z',
      placedBy: 'response',
    });
  });

  it('has flags only where there are any', () => {
    expect(toReport(withFlag(PLACED, 'second_call')).flags).toEqual(['second_call']);
    expect(toReport(PLACED)).not.toHaveProperty('flags');
  });

  it('tells a whole attempt', () => {
    const ended = see(PLACED, seen(ENDED, 'hangup'), NOW);
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
    'tells that the phone rang or not: %s',
    (outcome) => {
      for (const rang of [true, false]) {
        const closed = close(PLACED, { outcome, rangPhone: rang }, NOW);
        expect(toReport(closed)).toMatchObject({ outcome, rangPhone: rang });
      }
    },
  );
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
