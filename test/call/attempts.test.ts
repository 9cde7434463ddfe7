import * as fc from 'fast-check';
import {
  callIdOf,
  close,
  hear,
  isAbout,
  newAttempt,
  phaseOf,
  place,
  see,
  toReport,
  withFlag,
  type Attempt,
} from '../../src/call/attempts';
import type { CallEvent } from '../../src/call/messages';
import { OUTCOMES } from '../../src/call/outcome';
import { NOTHING_KNOWN, type CallRecord } from '../../src/call/snapshot';
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

describe('place', () => {
  it('puts the id of the answer before those a delivery told', () => {
    const heard = hear(newAttempt(1), event({ ids: ['uv_1'] }), NOW);
    expect(place(heard, { ids: ['call_1'], by: 'response', atMs: NOW }).ids).toEqual([
      'call_1',
      'uv_1',
    ]);
  });

  it('keeps the ending a delivery told before the answer came', () => {
    const heard = hear(newAttempt(1), event({ call: ENDED }), NOW);
    const placed = place(heard, { ids: ['call_1'], by: 'response', atMs: NOW - 5 });
    expect(placed).toMatchObject({ outcome: 'answered', learnedBy: 'webhook', endedAtMs: NOW });
  });

  it('remembers that the answer said failed at once', () => {
    const placed = { ids: ['call_1'], by: 'response', atMs: NOW, saidFailed: true } as const;
    expect(place(newAttempt(1), placed)).toMatchObject({ saidFailed: true });
    expect(place(newAttempt(1), placed).outcome).toBeUndefined();
  });
});

describe('hear', () => {
  it('proves that the call exists where no answer came', () => {
    expect(hear(newAttempt(1), event({ event: 'call.started' }), NOW)).toMatchObject({
      placedBy: 'webhook',
      placedAtMs: NOW,
      ids: ['call_1'],
      record: { status: 'ringing' },
    });
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
    expect(hear(PLACED, other, NOW)).toEqual(
      withFlag(PLACED, 'a second call carries this reference'),
    );
  });

  it('flags a later ending of another kind and keeps the first', () => {
    const first = hear(PLACED, event({ call: ENDED }), NOW);
    const second = hear(first, event({ call: { ...ENDED, status: 'failed' } }), NOW + 1);
    expect(second).toMatchObject({
      outcome: 'answered',
      endedAtMs: NOW,
      record: { status: 'ended' },
      flags: ['later news contradicts its ending'],
    });
  });

  it.each([
    ['a person’s word that it was not dialled', { outcome: 'failed', rangPhone: false }],
    ['the deadline', { outcome: 'unknown', rangPhone: true }],
    ['its expiry', { outcome: 'expired', rangPhone: false }],
  ] as const)('flags a delivery of an attempt that was ended by %s', (_, ending) => {
    const late = hear(close(newAttempt(1), ending, NOW), event({ call: ENDED }), NOW + 1);
    expect(late).toMatchObject({
      ...ending,
      endedAtMs: NOW,
      flags: ['a delivery shows a call that was given up'],
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
    expect(withFlag(withFlag(PLACED, 'a'), 'a').flags).toEqual(['a']);
  });
});

describe('callIdOf', () => {
  it('prefers the id of the record to the first one known', () => {
    const attempt = { ...newAttempt(1), ids: ['uv_1'] };
    expect(callIdOf(attempt)).toBe('uv_1');
    expect(callIdOf({ ...attempt, record: record({ id: 'call_1' }) })).toBe('call_1');
  });

  it('is absent where nothing is known', () => {
    expect(callIdOf(newAttempt(1))).toBeUndefined();
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
  const event = (name: string, call?: object) =>
    ({ event: name, attempt: 1, ids: ['call_1'], receivedAt: '', ...(call && { call }) }) as never;
  const record = (told: object) => ({
    ...NOTHING_KNOWN,
    id: 'call_1',
    duration_seconds: 0,
    ...told,
  });
  const ended = () => hear(newAttempt(1), event('call.ended', record({ status: 'ended' })), 1_000);

  it.each(['call.started', 'call.joined'])('is no contradiction as a late %s', (name) => {
    expect(hear(ended(), event(name), 2_000)).toMatchObject({ outcome: 'no_answer', flags: [] });
  });

  it('is one where it tells another ending', () => {
    const failed = event('call.failed', record({ status: 'failed' }));
    expect(hear(ended(), failed, 2_000).flags).toEqual(['later news contradicts its ending']);
  });
});
