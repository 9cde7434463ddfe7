import { hasEnded, type CallRecord } from './call-record';

/** How a call can end, as results, the details page, the command line and metrics name it. */
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

/** The outcomes after which a number may be redialed, if the caller's policy names them. */
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
 * The outcome of an ended call: from the reason first, then from Truedy's `outcome`, then from status and duration.
 *
 * @param wasInProgress Whether any report showed the call in progress. Such a call was answered, however short.
 */
export function outcomeOf(
  call: CallRecord,
  reason: string | undefined,
  wasInProgress = false,
): Outcome {
  return byWord(reason) ?? byWord(call.outcome) ?? byStatus(call, wasInProgress);
}

/** Whether the recipient's phone rang. Counts as rung if that is uncertain. */
export function rangPhone(outcome: Outcome): boolean {
  return outcome !== 'invalid_number' && outcome !== 'expired' && outcome !== 'suppressed';
}

/**
 * Whether nothing but `failed` is known, as the status or as Truedy's `outcome`. The carrier may have rung the phone
 * nevertheless, and a call that has started may still be in progress.
 */
export function isBareFailure(call: CallRecord, reason: string | undefined): boolean {
  return call.status === 'failed' && provenOutcome(call, reason) === undefined;
}

/** Whether neither a person nor a machine answered the call. */
export function isNeverAnswered(outcome: Outcome): boolean {
  return NEVER_ANSWERED.has(outcome);
}

/**
 * Whether a later report contradicts the known outcome. Outcomes are compared, not statuses: an unanswered call and
 * a conversation of 90 s are both `ended`.
 *
 * @param now `isOrdered`: the report is newer than what is known. A delivery may be an older report that arrives late.
 */
export function contradicts(
  known: {
    readonly record: CallRecord;
    readonly reason: string | undefined;
    readonly outcome: Outcome;
  },
  report: { readonly record: CallRecord; readonly reason: string | null },
  now: { readonly wasInProgress: boolean; readonly isOrdered: boolean },
): boolean {
  if (now.wasInProgress && isNeverAnswered(known.outcome)) return true;
  if (!hasEnded(report.record)) return now.isOrdered && report.record.status !== null;
  const reason = report.reason ?? undefined;
  if (outcomeOf(report.record, reason) === known.outcome) return false;
  const other = provenOutcome(report.record, reason);
  if (other === undefined) return report.record.status !== known.record.status;
  // A more specific reason may refine a default, unless one of the two means that the call was answered.
  const isProven = provenOutcome(known.record, known.reason) !== undefined;
  return isProven || !isNeverAnswered(known.outcome) || !isNeverAnswered(other);
}

/** Normalizes a vendor's word: lower case, with `_` for hyphens and whitespace. */
export function normalizeWord(word: string): string {
  return word
    .trim()
    .toLowerCase()
    .replace(/[-\s]+/g, '_');
}

// --- internal ---

/** The outcome, if a specific reason or a duration proves it. `undefined` if only the status or `failed` is known. */
function provenOutcome(call: CallRecord, reason: string | undefined): Outcome | undefined {
  const proven = [reason, call.outcome].find(
    (word) => word != null && !isBareWord(word) && byWord(word),
  );
  if (proven != null) return byWord(proven);
  return hasDuration(call) && call.status !== 'cancelled' ? 'answered' : undefined;
}

/** `failed` as a reason adds nothing to the status `failed`. */
function isBareWord(word: string): boolean {
  return normalizeWord(word) === 'failed';
}

const NEVER_ANSWERED: ReadonlySet<Outcome> = new Set<Outcome>([
  'no_answer',
  'busy',
  'declined',
  'invalid_number',
  'unreachable',
  'failed',
]);

// Prefixed and bare reasons differ: a bare `timeout` means that the maximum duration was reached, not that the
// call was unanswered. Source: Ultravox call object, `endReason` and `sipDetails.terminationReason`.
const OUTCOME_BY_WORD: ReadonlyMap<string, Outcome> = new Map<string, Outcome>([
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
  return word == null ? undefined : OUTCOME_BY_WORD.get(normalizeWord(word));
}

function byStatus(call: CallRecord, wasInProgress: boolean): Outcome {
  if (call.status === 'cancelled') return 'cancelled';
  if (hasDuration(call) || wasInProgress) return 'answered';
  if (call.status === 'failed') return 'failed';
  const neverStarted = call.duration_seconds === 0 || call.started_at === null;
  return neverStarted ? 'no_answer' : 'answered';
}

function hasDuration({ duration_seconds: seconds }: CallRecord): boolean {
  return seconds !== null && seconds > 0;
}
