import {
  callIdOf,
  isAbout,
  newAttempt,
  phaseOf,
  toReport,
  withFlag,
} from '../../src/call/attempts';
import { close, place, see } from '../../src/call/learn';
import type { CallEvent } from '../../src/call/messages';
import { OUTCOMES } from '../../src/call/outcome';
import type { CallRecord } from '../../src/call/snapshot';
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
