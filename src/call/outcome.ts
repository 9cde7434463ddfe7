import type { CallRecord } from './snapshot';

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

/** The ending an ended call amounts to: the carrier's or vendor's reason first, then the vendor's word, then status and duration. */
export function outcomeOf(call: CallRecord, reason: string | undefined): Outcome {
  return byWord(reason) ?? byWord(call.outcome) ?? byStatus(call);
}

/** Whether the person's phone rang; where that is unsure it counts as rung. */
export function rangPhone(outcome: Outcome): boolean {
  return outcome !== 'invalid_number' && outcome !== 'expired' && outcome !== 'suppressed';
}

/** Whether nothing but the word `failed` is known: the carrier may have rung the phone all the same. */
export function isBareFailure(call: CallRecord, reason: string | undefined): boolean {
  return (
    call.status === 'failed' &&
    call.started_at === null &&
    !(call.duration_seconds !== null && call.duration_seconds > 0) &&
    byWord(reason) === undefined &&
    byWord(call.outcome) === undefined
  );
}

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

function byStatus(call: CallRecord): Outcome {
  if (call.status === 'cancelled') return 'cancelled';
  const talked = call.duration_seconds !== null && call.duration_seconds > 0;
  if (talked) return 'answered';
  if (call.status === 'failed') return 'failed';
  const neverStarted = call.duration_seconds === 0 || call.started_at === null;
  return neverStarted ? 'no_answer' : 'answered';
}
