import * as fc from 'fast-check';
import {
  contradicts,
  foldWord,
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
  ])('takes the reason %s for %s', (reason, outcome) => {
    expect(outcomeOf(record({ status: 'ended' }), reason)).toBe(outcome);
  });

  it.each(['hangup', 'agent_hangup', 'SIP_TERMINATION_NORMAL', 'SIP_TERMINATION_UNKNOWN', ''])(
    'leaves it to status and duration where the reason is %j',
    (reason) => {
      expect(outcomeOf(record({ status: 'ended', duration_seconds: 42 }), reason)).toBe('answered');
      expect(outcomeOf(record({ status: 'ended', duration_seconds: 0 }), reason)).toBe('no_answer');
    },
  );

  it('takes a bare timeout for the longest talking time, not for an unanswered phone', () => {
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
  ])('folds the vendor’s word %j to %s', (outcome, told) => {
    expect(outcomeOf(record({ status: 'ended', outcome }), undefined)).toBe(told);
  });

  it.each(['SIP_TERMINATION_TIMEOUT', 'no_answer', 'noanswer', 'unanswered', 'unjoined'])(
    'believes the word %s that nobody answered, though the call lasted',
    (word) => {
      const lasted = { status: 'ended', duration_seconds: 30 } as const;
      expect(outcomeOf(record(lasted), word)).toBe('no_answer');
      expect(outcomeOf(record({ ...lasted, outcome: word }), undefined)).toBe('no_answer');
    },
  );

  it('believes the carrier’s reason before the vendor’s word', () => {
    const call = record({ status: 'ended', outcome: 'answered', duration_seconds: 9 });
    expect(outcomeOf(call, 'SIP_TERMINATION_BUSY')).toBe('busy');
  });

  it('believes the vendor’s word before status and duration', () => {
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
    'tells %s, started %s, after %s s as %s',
    (status, started_at, duration_seconds, outcome) => {
      const call = record({ status, started_at, duration_seconds });
      expect(outcomeOf(call, undefined)).toBe(outcome);
    },
  );

  it.each(['constructor', '__proto__', 'toString', 'success', 'unknown', 'expired', 'suppressed'])(
    'does not know the word %s',
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

  it('never tells expired, suppressed or unknown of a vendor’s call', () => {
    fc.assert(
      fc.property(anyRecord, fc.option(fc.string(), { nil: undefined }), (call, reason) => {
        expect(['expired', 'suppressed', 'unknown']).not.toContain(outcomeOf(call, reason));
      }),
    );
  });
});

describe('rangPhone', () => {
  it.each(OUTCOMES.map((outcome) => [outcome] as const))(
    'counts %s as rung where unsure',
    (outcome) => {
      const silent = ['invalid_number', 'expired', 'suppressed'];
      expect(rangPhone(outcome)).toBe(!silent.includes(outcome));
    },
  );
});

describe('isBareFailure', () => {
  it.each([
    ['nothing but the word is known', { status: 'failed' }, undefined, true],
    ['its duration is 0', { status: 'failed', duration_seconds: 0 }, undefined, true],
    ['its words are unknown', { status: 'failed', outcome: 'oops' }, 'hangup', true],
    ['it started', { status: 'failed', started_at: STARTED }, undefined, true],
    ['it lasted', { status: 'failed', duration_seconds: 3 }, undefined, false],
    ['the carrier gave a reason', { status: 'failed' }, 'system_error', false],
    ['the vendor gave a word', { status: 'failed', outcome: 'busy' }, undefined, false],
    ['it ended', { status: 'ended' }, undefined, false],
    ['it has no status', {}, undefined, false],
  ] as const)('where %s', (_, known, reason, bare) => {
    expect(isBareFailure(record(known), reason)).toBe(bare);
  });
});

describe('foldWord', () => {
  it.each([
    ['No Answer', 'no_answer'],
    [' no - answer\n', 'no_answer'],
    ['no--answer', 'no_answer'],
    ['no_answer', 'no_answer'],
  ])('writes %j as %s', (word, folded) => {
    expect(foldWord(word)).toBe(folded);
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.string(), (word) => expect(foldWord(foldWord(word))).toBe(foldWord(word))),
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
    'do not hold %s',
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
  // By default the one is no answer and the other answered: neither rests on a word or a talk.
  const NO_START = record({ status: 'ended' });
  const NO_ANSWER_AFTER_ALL = record({ status: 'ended', started_at: STARTED });
  const later = (
    known: typeof TALKED,
    told: typeof TALKED,
    words: { known?: string; told?: string } = {},
    now = { wasInProgress: false, isOrdered: false },
  ) =>
    contradicts(
      { record: known, reason: words.known, outcome: outcomeOf(known, words.known) },
      { record: told, reason: words.told ?? null },
      now,
    );

  it.each([
    ['the same ending', NOT_ANSWERED, NOT_ANSWERED, {}, false],
    ['a talk after no answer, of one status', NOT_ANSWERED, TALKED, {}, true],
    ['no answer by a word after a talk', TALKED, NOT_ANSWERED, { told: 'unjoined' }, true],
    ['a talk after a bare failure', FAILED, TALKED, {}, true],
    ['another status', NOT_ANSWERED, FAILED, {}, true],
    ['a more exact word', NOT_ANSWERED, NOT_ANSWERED, { told: 'SIP_TERMINATION_BUSY' }, false],
    [
      'another exact word',
      FAILED,
      FAILED,
      { known: 'unjoined', told: 'SIP_TERMINATION_BUSY' },
      true,
    ],
    [
      'the same word with another status',
      FAILED,
      NOT_ANSWERED,
      { known: 'busy', told: 'busy' },
      false,
    ],
    ['the bare word failed', FAILED, FAILED, { told: 'failed' }, false],
    ['the bare word failed after a talk', TALKED, FAILED, { told: 'Failed' }, true],
    [
      'the word failed before a more exact one',
      FAILED,
      FAILED,
      { known: 'failed', told: 'busy' },
      false,
    ],
    ['an unknown word before a talk', NOT_ANSWERED, TALKED, { told: 'hangup' }, true],
    ['another default of the same status', NO_START, NO_ANSWER_AFTER_ALL, {}, false],
    ['a cancelled call that lasted', TALKED, CANCELLED, {}, true],
    ['a cancelled call after no answer', NOT_ANSWERED, CANCELLED, {}, true],
  ] as const)('by %s', (_, known, told, words, flagged) => {
    expect(later(known, told, words)).toBe(flagged);
  });

  it('by any report that somebody was on the line after nobody answered', () => {
    const joined = record({ status: 'in_progress' });
    const now = { wasInProgress: true, isOrdered: false };
    expect(later(NOT_ANSWERED, joined, {}, now)).toBe(true);
    expect(later(TALKED, joined, {}, now)).toBe(false);
  });

  it('by an earlier stage only where the report cannot be an old one', () => {
    const ringing = record({ status: 'ringing' });
    expect(later(TALKED, ringing, {}, { wasInProgress: false, isOrdered: true })).toBe(true);
    expect(later(TALKED, ringing)).toBe(false);
    expect(later(TALKED, record(), {}, { wasInProgress: false, isOrdered: true })).toBe(false);
  });
});
