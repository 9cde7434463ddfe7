import { hasEnded, type CallRecord } from './call-record';

/** How a conversation can end, in the words of results, details, command line, metrics and docs. */
export const OUTCOMES = [
  'answered',
  'voicemail',
  'no_answer',
  'busy',
  'declined',
  'invalid_number',
  'unreachable',
  'cancelled',
  'failed',
  'expired',
  'suppressed',
  'unknown',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The endings after which a phone may be rung again, where the caller's policy names them. */
export const REDIAL_OUTCOMES = [
  'no_answer',
  'busy',
  'voicemail',
  'declined',
  'unreachable',
  'failed',
] as const satisfies readonly Outcome[];
export type RedialOutcome = (typeof REDIAL_OUTCOMES)[number];

/**
 * The ending an ended call amounts to: the carrier's or vendor's reason first, then the vendor's word, then
 * status and duration.
 *
 * @param wasInProgress Whether any report showed the call in progress: it was answered, however short.
 */
export function outcomeOf(
  call: CallRecord,
  reason: string | undefined,
  wasInProgress = false,
): Outcome {
  return byWord(reason) ?? byWord(call.outcome) ?? byStatus(call, wasInProgress);
}

/** Whether the person's phone rang; where that is unsure it counts as rung. */
export function rangPhone(outcome: Outcome): boolean {
  return outcome !== 'invalid_number' && outcome !== 'expired' && outcome !== 'suppressed';
}

/**
 * Whether nothing but `failed` is known, as a status or as the vendor's word: the carrier may have rung the
 * phone all the same. One that has started may still be talked on.
 */
export function isBareFailure(call: CallRecord, reason: string | undefined): boolean {
  return call.status === 'failed' && provenOutcome(call, reason) === undefined;
}

/** Whether the outcome says that nobody, and no machine, took the call. */
export function isNeverAnswered(outcome: Outcome): boolean {
  return NEVER_ANSWERED.has(outcome);
}

/**
 * Whether a later report contradicts how a call is known to have ended. Endings are compared, not statuses:
 * a call that nobody answered and a talk of 90 s are both `ended`.
 *
 * @param now `isOrdered`: the report cannot be an earlier one that came late, as a delivery can.
 */
export function contradicts(
  known: {
    readonly record: CallRecord;
    readonly reason: string | undefined;
    readonly outcome: Outcome;
  },
  told: { readonly record: CallRecord; readonly reason: string | null },
  now: { readonly wasInProgress: boolean; readonly isOrdered: boolean },
): boolean {
  if (now.wasInProgress && isNeverAnswered(known.outcome)) return true;
  if (!hasEnded(told.record)) return now.isOrdered && told.record.status !== null;
  const reason = told.reason ?? undefined;
  if (outcomeOf(told.record, reason) === known.outcome) return false;
  const other = provenOutcome(told.record, reason);
  if (other === undefined) return told.record.status !== known.record.status;
  // A default gives way to a more exact word, unless one of the two says that somebody took the call.
  const isProven = provenOutcome(known.record, known.reason) !== undefined;
  return isProven || !isNeverAnswered(known.outcome) || !isNeverAnswered(other);
}

/** The outcome that rests on a word or on a talk; `undefined` where only the status speaks, or the word `failed`. */
function provenOutcome(call: CallRecord, reason: string | undefined): Outcome | undefined {
  const proven = [reason, call.outcome].find(
    (word) => word != null && !isBareWord(word) && byWord(word),
  );
  if (proven != null) return byWord(proven);
  const talked = call.duration_seconds !== null && call.duration_seconds > 0;
  return talked && call.status !== 'cancelled' ? 'answered' : undefined;
}

/** The vendor's word for the status says nothing that the status does not. */
function isBareWord(word: string): boolean {
  return foldWord(word) === 'failed';
}

const NEVER_ANSWERED: ReadonlySet<Outcome> = new Set<Outcome>([
  'no_answer',
  'busy',
  'declined',
  'invalid_number',
  'unreachable',
  'failed',
]);

// The carrier's `timeout` without its prefix is the longest talking time reached, not an unanswered
// phone; that is why prefixed and bare words are kept apart. Ultravox call object, `endReason` and
// `sipDetails.terminationReason`.
const WORDS: ReadonlyMap<string, Outcome> = new Map<string, Outcome>([
  ['sip_termination_busy', 'busy'],
  ['sip_termination_timeout', 'no_answer'],
  ['sip_termination_rejected', 'declined'],
  ['sip_termination_invalid_number', 'invalid_number'],
  ['sip_termination_destination_unavailable', 'unreachable'],
  ['sip_termination_canceled', 'cancelled'],
  ['unjoined', 'no_answer'],
  ['connection_error', 'failed'],
  ['system_error', 'failed'],
  ['answered', 'answered'],
  ['voicemail', 'voicemail'],
  ['machine', 'voicemail'],
  ['answering_machine', 'voicemail'],
  ['no_answer', 'no_answer'],
  ['noanswer', 'no_answer'],
  ['unanswered', 'no_answer'],
  ['busy', 'busy'],
  ['declined', 'declined'],
  ['rejected', 'declined'],
  ['invalid_number', 'invalid_number'],
  ['unreachable', 'unreachable'],
  ['cancelled', 'cancelled'],
  ['canceled', 'cancelled'],
  ['failed', 'failed'],
]);

function byWord(word: string | null | undefined): Outcome | undefined {
  return word == null ? undefined : WORDS.get(foldWord(word));
}

/** One spelling of a vendor's word: lower case, with `_` for hyphens and blanks. */
export function foldWord(word: string): string {
  return word
    .trim()
    .toLowerCase()
    .replace(/[-\s]+/g, '_');
}

function byStatus(call: CallRecord, wasInProgress: boolean): Outcome {
  if (call.status === 'cancelled') return 'cancelled';
  const talked = call.duration_seconds !== null && call.duration_seconds > 0;
  if (talked || wasInProgress) return 'answered';
  if (call.status === 'failed') return 'failed';
  const neverStarted = call.duration_seconds === 0 || call.started_at === null;
  return neverStarted ? 'no_answer' : 'answered';
}
