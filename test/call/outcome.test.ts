import * as fc from 'fast-check';
import {
  contradicts,
  normalizeWord,
  isBareFailure,
  isNeverAnswered,
  OUTCOMES,
  outcomeOf,
  rangPhone,
  REDIAL_OUTCOMES,
} from '../../src/call/outcome';
import { anyRecord, record } from './support/records';

const STARTED = '2026-12-01T09:00:00.000Z';

describe('outcomeOf', () => {
  it.each([
    ['SIP_TERMINATION_BUSY', 'busy'],
    ['SIP_TERMINATION_TIMEOUT', 'no_answer'],
    ['SIP_TERMINATION_REJECTED', 'declined'],
    ['SIP_TERMINATION_INVALID_NUMBER', 'invalid_number'],
    ['SIP_TERMINATION_DESTINATION_UNAVAILABLE', 'unreachable'],
    ['SIP_TERMINATION_CANCELED', 'cancelled'],
    ['unjoined', 'no_answer'],
    ['connection_error', 'failed'],
    ['system_error', 'failed'],
  ])('maps the reason %s to %s', (reason, outcome) => {
    expect(outcomeOf(record({ status: 'ended' }), reason)).toBe(outcome);
  });

  it.each(['hangup', 'agent_hangup', 'SIP_TERMINATION_NORMAL', 'SIP_TERMINATION_UNKNOWN', ''])(
    'uses status and duration if the reason is %j',
    (reason) => {
      expect(outcomeOf(record({ status: 'ended', duration_seconds: 42 }), reason)).toBe('answered');
      expect(outcomeOf(record({ status: 'ended', duration_seconds: 0 }), reason)).toBe('no_answer');
    },
  );

  it('maps a bare timeout to the maximum duration, not to an unanswered call', () => {
    const talked = record({ status: 'ended', duration_seconds: 3_600 });
    expect(outcomeOf(talked, 'timeout')).toBe('answered');
  });

  it.each([
    ['no-answer', 'no_answer'],
    ['No Answer', 'no_answer'],
    ['  NO_ANSWER ', 'no_answer'],
    ['noanswer', 'no_answer'],
    ['unanswered', 'no_answer'],
    ['voicemail', 'voicemail'],
    ['Answering Machine', 'voicemail'],
    ['machine', 'voicemail'],
    ['Busy', 'busy'],
    ['declined', 'declined'],
    ['rejected', 'declined'],
    ['invalid-number', 'invalid_number'],
    ['unreachable', 'unreachable'],
    ['canceled', 'cancelled'],
    ['cancelled', 'cancelled'],
    ['failed', 'failed'],
    ['answered', 'answered'],
  ])('maps Truedy’s outcome %j to %s', (word, outcome) => {
    expect(outcomeOf(record({ status: 'ended', outcome: word }), undefined)).toBe(outcome);
  });

  it.each(['SIP_TERMINATION_TIMEOUT', 'no_answer', 'noanswer', 'unanswered', 'unjoined'])(
    'is no_answer by the word %s, though the call has a duration',
    (word) => {
      const lasted = { status: 'ended', duration_seconds: 30 } as const;
      expect(outcomeOf(record(lasted), word)).toBe('no_answer');
      expect(outcomeOf(record({ ...lasted, outcome: word }), undefined)).toBe('no_answer');
    },
  );

  it('prefers the carrier’s reason over Truedy’s outcome', () => {
    const call = record({ status: 'ended', outcome: 'answered', duration_seconds: 9 });
    expect(outcomeOf(call, 'SIP_TERMINATION_BUSY')).toBe('busy');
  });

  it('prefers Truedy’s outcome over status and duration', () => {
    const call = record({ status: 'ended', outcome: 'voicemail', duration_seconds: 9 });
    expect(outcomeOf(call, 'hangup')).toBe('voicemail');
  });

  it.each([
    ['cancelled', null, null, 'cancelled'],
    ['cancelled', STARTED, 9, 'cancelled'],
    ['failed', null, null, 'failed'],
    ['failed', null, 0, 'failed'],
    ['failed', STARTED, null, 'failed'],
    ['failed', STARTED, 9, 'answered'],
    ['ended', null, null, 'no_answer'],
    ['ended', null, 0, 'no_answer'],
    ['ended', STARTED, 0, 'no_answer'],
    ['ended', STARTED, null, 'answered'],
    ['ended', null, 9, 'answered'],
    ['ended', STARTED, 9, 'answered'],
  ] as const)(
    'maps %s, started %s, after %s s to %s',
    (status, started_at, duration_seconds, outcome) => {
      const call = record({ status, started_at, duration_seconds });
      expect(outcomeOf(call, undefined)).toBe(outcome);
    },
  );

  it.each(['constructor', '__proto__', 'toString', 'success', 'unknown', 'expired', 'suppressed'])(
    'ignores the unknown word %s',
    (word) => {
      expect(outcomeOf(record({ status: 'ended', outcome: word }), word)).toBe('no_answer');
    },
  );

  it.each([
    ['ended', null, 'answered'],
    ['ended', 0, 'answered'],
    ['failed', null, 'answered'],
    ['cancelled', null, 'cancelled'],
  ] as const)(
    'counts a call that was in progress as answered: %s, %s s: %s',
    (status, duration_seconds, outcome) => {
      const call = record({ status, duration_seconds });
      expect(outcomeOf(call, undefined, true)).toBe(outcome);
    },
  );

  it('is never expired, suppressed or unknown for a call at Truedy', () => {
    fc.assert(
      fc.property(anyRecord, fc.option(fc.string(), { nil: undefined }), (call, reason) => {
        expect(['expired', 'suppressed', 'unknown']).not.toContain(outcomeOf(call, reason));
      }),
    );
  });
});

describe('rangPhone', () => {
  it.each(OUTCOMES.map((outcome) => [outcome] as const))(
    'counts %s as rung if uncertain',
    (outcome) => {
      const silent = ['invalid_number', 'expired', 'suppressed'];
      expect(rangPhone(outcome)).toBe(!silent.includes(outcome));
    },
  );
});

describe('isBareFailure', () => {
  it.each([
    ['only the status is known', { status: 'failed' }, undefined, true],
    ['its duration is 0', { status: 'failed', duration_seconds: 0 }, undefined, true],
    ['its words are unknown', { status: 'failed', outcome: 'oops' }, 'hangup', true],
    ['it started', { status: 'failed', started_at: STARTED }, undefined, true],
    ['it lasted', { status: 'failed', duration_seconds: 3 }, undefined, false],
    ['the carrier gave a reason', { status: 'failed' }, 'system_error', false],
    ['Truedy gave an outcome', { status: 'failed', outcome: 'busy' }, undefined, false],
    ['it ended', { status: 'ended' }, undefined, false],
    ['it has no status', {}, undefined, false],
  ] as const)('if %s', (_, known, reason, bare) => {
    expect(isBareFailure(record(known), reason)).toBe(bare);
  });
});

describe('normalizeWord', () => {
  it.each([
    ['No Answer', 'no_answer'],
    [' no - answer\n', 'no_answer'],
    ['no--answer', 'no_answer'],
    ['no_answer', 'no_answer'],
  ])('normalizes %j to %s', (word, normalized) => {
    expect(normalizeWord(word)).toBe(normalized);
  });

  it('is idempotent', () => {
    fc.assert(
      fc.property(fc.string(), (word) =>
        expect(normalizeWord(normalizeWord(word))).toBe(normalizeWord(word)),
      ),
    );
  });
});

describe('isNeverAnswered', () => {
  it.each(OUTCOMES.map((outcome) => [outcome] as const))('of %s', (outcome) => {
    const others = ['answered', 'voicemail', 'cancelled', 'expired', 'suppressed', 'unknown'];
    expect(isNeverAnswered(outcome)).toBe(!others.includes(outcome));
  });
});

describe('REDIAL_OUTCOMES', () => {
  it.each(['answered', 'cancelled', 'invalid_number', 'expired', 'suppressed', 'unknown'])(
    'do not include %s',
    (outcome) => {
      expect(REDIAL_OUTCOMES).not.toContain(outcome);
    },
  );
});

describe('contradicts', () => {
  const NOT_ANSWERED = record({ status: 'ended', duration_seconds: 0 });
  const TALKED = record({ status: 'ended', duration_seconds: 90 });
  const FAILED = record({ status: 'failed' });
  const CANCELLED = record({ status: 'cancelled', duration_seconds: 90 });
  // The defaults are no_answer and answered. Neither is proven by a reason or a duration.
  const NO_START = record({ status: 'ended' });
  const NO_ANSWER_AFTER_ALL = record({ status: 'ended', started_at: STARTED });
  const later = (
    known: typeof TALKED,
    report: typeof TALKED,
    reasons: { known?: string; report?: string } = {},
    now = { wasInProgress: false, isOrdered: false },
  ) =>
    contradicts(
      { record: known, reason: reasons.known, outcome: outcomeOf(known, reasons.known) },
      { record: report, reason: reasons.report ?? null },
      now,
    );

  it.each([
    ['the same result', NOT_ANSWERED, NOT_ANSWERED, {}, false],
    ['a conversation after no answer, with the same status', NOT_ANSWERED, TALKED, {}, true],
    [
      'an unanswered reason after a conversation',
      TALKED,
      NOT_ANSWERED,
      { report: 'unjoined' },
      true,
    ],
    ['a conversation after a bare failure', FAILED, TALKED, {}, true],
    ['another status', NOT_ANSWERED, FAILED, {}, true],
    [
      'a more specific reason',
      NOT_ANSWERED,
      NOT_ANSWERED,
      { report: 'SIP_TERMINATION_BUSY' },
      false,
    ],
    [
      'another specific reason',
      FAILED,
      FAILED,
      { known: 'unjoined', report: 'SIP_TERMINATION_BUSY' },
      true,
    ],
    [
      'the same reason with another status',
      FAILED,
      NOT_ANSWERED,
      { known: 'busy', report: 'busy' },
      false,
    ],
    ['the bare word failed', FAILED, FAILED, { report: 'failed' }, false],
    ['the bare word failed after a conversation', TALKED, FAILED, { report: 'Failed' }, true],
    [
      'a more specific reason after the word failed',
      FAILED,
      FAILED,
      { known: 'failed', report: 'busy' },
      false,
    ],
    ['a conversation with an unknown reason', NOT_ANSWERED, TALKED, { report: 'hangup' }, true],
    ['another default of the same status', NO_START, NO_ANSWER_AFTER_ALL, {}, false],
    ['a cancelled call that lasted', TALKED, CANCELLED, {}, true],
    ['a cancelled call after no answer', NOT_ANSWERED, CANCELLED, {}, true],
  ] as const)('by %s', (_, known, report, reasons, flagged) => {
    expect(later(known, report, reasons)).toBe(flagged);
  });

  it('by any report in progress after an unanswered call', () => {
    const joined = record({ status: 'in_progress' });
    const now = { wasInProgress: true, isOrdered: false };
    expect(later(NOT_ANSWERED, joined, {}, now)).toBe(true);
    expect(later(TALKED, joined, {}, now)).toBe(false);
  });

  it('by an earlier status only if the report is newer', () => {
    const ringing = record({ status: 'ringing' });
    expect(later(TALKED, ringing, {}, { wasInProgress: false, isOrdered: true })).toBe(true);
    expect(later(TALKED, ringing)).toBe(false);
    expect(later(TALKED, record(), {}, { wasInProgress: false, isOrdered: true })).toBe(false);
  });
});
