import {
  callIdOf,
  candidatesOf,
  isAbout,
  isPlaced,
  isSuspected,
  newAttempt,
  newFlags,
  ownIdOf,
  phaseOf,
  toReport,
  withFlag,
  withNote,
} from '../../src/call/attempt';
import { close, place, see } from '../../src/call/learn';
import type { CallEvent } from '../../src/call/api-types';
import { OUTCOMES } from '../../src/call/outcome';
import type { CallRecord } from '../../src/call/call-record';
import { record } from './support/records';

const NOW = Date.parse('2026-12-01T10:00:00.000Z');
const ENDED = record({ id: 'call_1', status: 'ended', duration_seconds: 9, started_at: 'x' });

function event(told: Partial<CallEvent> = {}): CallEvent {
  return { event: 'call.ended', ids: ['call_1'], receivedAt: '2026-12-01T10:00:00.000Z', ...told };
}

function seen(call: CallRecord, reason: string | null = null) {
  return { record: call, otherIds: [], reason };
}

const PLACED = place(newAttempt(1), { ids: ['call_1'], by: 'response', atMs: NOW });

describe('newAttempt', () => {
  it('begins with nothing sent, reported or flagged', () => {
    expect(newAttempt(3)).toEqual({
      number: 3,
      sent: false,
      ids: [],
      record: record(),
      saidFailed: false,
      wasInProgress: false,
      nudged: false,
      unconfirmed: [],
      dismissed: [],
      flags: [],
      notes: [],
    });
  });
});

describe('a call that may exist', () => {
  const named = { ...newAttempt(1), unconfirmed: [event()] };

  it.each([
    ['unknown, while nothing names it', newAttempt(1), false, false],
    ['suspected, once a delivery names it', named, false, true],
    ['placed, once it is established', PLACED, true, false],
    ['not suspected any more then', { ...PLACED, unconfirmed: [event()] }, true, false],
  ])('is %s', (_, attempt, placed, suspected) => {
    expect([isPlaced(attempt), isSuspected(attempt)]).toEqual([placed, suspected]);
  });
});

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

describe('withFlag', () => {
  it('holds a flag once', () => {
    const flagged = withFlag(PLACED, 'second_call');
    expect(withFlag(flagged, 'second_call').flags).toEqual(['second_call']);
  });
});

describe('withNote', () => {
  it('holds a note once, behind those before', () => {
    const noted = withNote(withNote(PLACED, 'first'), 'second');
    expect(withNote(noted, 'first').notes).toEqual(['first', 'second']);
  });
});

describe('newFlags', () => {
  const second = newAttempt(2);

  it('are told with the number of their attempt', () => {
    const before = [withFlag(PLACED, 'second_call'), second];
    const after = [withFlag(PLACED, 'second_call'), withFlag(second, 'other_number')];
    expect(newFlags(before, after)).toEqual([{ attempt: 2, flag: 'other_number' }]);
  });

  it('are those that an attempt did not have, and not its earlier ones', () => {
    const flagged = withFlag(PLACED, 'second_call');
    const again = withFlag(flagged, 'contradicted');
    expect(newFlags([second, flagged], [second, again])).toEqual([
      { attempt: 1, flag: 'contradicted' },
    ]);
  });

  it('are all flags of an attempt that was not there before', () => {
    const after = [withFlag(withFlag(second, 'contradicted'), 'second_call')];
    expect(newFlags([PLACED], after)).toEqual([
      { attempt: 2, flag: 'contradicted' },
      { attempt: 2, flag: 'second_call' },
    ]);
  });
});

describe('the ids to read', () => {
  it.each([
    ['the one a delivery names as the vendor’s', { callId: 'call_1' }, ['call_1']],
    ['else that of the call it tells', { call: record({ id: 'call_1' }) }, ['call_1']],
    ['none where its call has no id', { call: record() }, []],
    ['none where it only has ids of unknown origin', {}, []],
  ])('of the vendor’s own are %s', (_, told, ids) => {
    expect(ownIdOf(event({ ids: ['x'], ...told }))).toEqual(ids);
  });

  it('are each named once, without those that were dismissed', () => {
    const unconfirmed = [event({ ids: ['a', 'b'] }), event({ ids: ['b', 'c'] })];
    const attempt = { ...newAttempt(1), unconfirmed, dismissed: ['a'] };
    expect(candidatesOf(attempt)).toEqual(['b', 'c']);
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
    // Not even as `undefined`, which a result in another language would show.
    expect(toReport(newAttempt(2))).toStrictEqual({ number: 2 });
    const closed = close(newAttempt(2), { outcome: 'unknown', rangPhone: true }, NOW);
    const { endedAtMs: _, ...withoutEnd } = closed;
    expect(toReport(withoutEnd)).toStrictEqual({ number: 2, outcome: 'unknown', rangPhone: true });
  });

  it('has neither outcome nor end of an open attempt', () => {
    const report = toReport({ ...PLACED, endedAtMs: NOW });
    expect(report).toStrictEqual({
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
