import {
  callIdOf,
  isAbout,
  isPlaced,
  knownAs,
  newAttempt,
  ownIdOf,
  withFlag,
  withNote,
  type Attempt,
} from './attempt';
import { withOtherOutcome } from './contact/opt-out-words';
import { provesDelivered, type Delivered } from './evidence';
import type { LearnedBy, PlacedBy } from './api-types';
import { isNudge, recordOf, type ReceivedEvent } from './call-event';
import { contradicts, isNeverAnswered, outcomeOf, rangPhone, type Outcome } from './outcome';
import { hasEnded, isCompleteEnding, mergeReport, type CallRecord } from './call-record';

/**
 * Applies a delivery to the attempt it belongs to.
 *
 * If that attempt was closed without a call and turns out to have been dialed, it becomes the last attempt
 * again, and an unsent next attempt is dropped.
 *
 * @returns `undefined` if the delivery belongs to none of the attempts.
 */
export function applyEventToAttempts(
  attempts: readonly Attempt[],
  event: ReceivedEvent,
  nowMs: number,
): readonly Attempt[] | undefined {
  const about = attempts.find((attempt) => isAbout(attempt, event));
  if (about === undefined) return undefined;
  const later = attempts.slice(attempts.indexOf(about) + 1);
  const isLast = later.every((attempt) => !attempt.sent && attempt.outcome === undefined);
  const updated = applyEvent(about, event, nowMs, isLast);
  const wasClosed = about.outcome !== undefined && !isPlaced(about);
  const isReopened = wasClosed && isLast && (updated.outcome === undefined || isPlaced(updated));
  const kept = isReopened ? attempts.slice(0, about.number) : attempts;
  return kept.map((attempt) => (attempt === about ? updated : attempt));
}

/**
 * Applies a delivery to its attempt. `evidence.ts` decides what the delivery proves.
 *
 * @param isLast Whether no later attempt was sent. Only then can this attempt be reopened.
 */
export function applyEvent(
  attempt: Attempt,
  event: ReceivedEvent,
  nowMs: number,
  isLast = true,
): Attempt {
  switch (provesDelivered(toDelivered(attempt, event))) {
    case 'nothing':
      return withNote(attempt, 'a delivery with our reference shows another number: ignored');
    case 'second_call':
      return withFlag(attempt, 'second_call');
    case 'fact':
      return isPlaced(attempt)
        ? applyToPlaced(attempt, event, nowMs)
        : placeByEvent(attempt, event, nowMs);
    case 'needs_read':
      // The next attempt was already sent, so this one keeps the outcome that led to it.
      if (!isLast) return withFlag({ ...attempt, rangPhone: true }, 'dialed_after_all');
      return keepUnconfirmed(reopened(attempt), event, nowMs);
  }
}

/** Applies what a read or a listing showed of the attempt's call. */
export function applyRead(
  attempt: Attempt,
  answer: {
    readonly record: CallRecord;
    readonly otherIds: readonly string[];
    readonly reason: string | null;
  },
  nowMs: number,
): Attempt {
  const reason = attempt.reason ?? answer.reason;
  const known: Attempt = {
    ...attempt,
    ids: union(attempt.ids, answer.otherIds),
    ...(reason !== null && { reason }),
  };
  return applyRecord(known, answer, 'poll', nowMs);
}

/** Marks the call as established, then applies the deliveries that arrived before. */
export function markPlaced(
  attempt: Attempt,
  placed: {
    /** Truedy's own id first. */
    readonly ids: readonly [string, ...string[]];
    readonly by: PlacedBy;
    readonly atMs: number;
    readonly saidFailed?: boolean;
  },
): Attempt {
  const known = reopened(attempt);
  const placedAttempt: Attempt = {
    ...known,
    ids: union(placed.ids, known.ids),
    record: { ...known.record, id: known.record.id ?? placed.ids[0] },
    placedBy: placed.by,
    placedAtMs: placed.atMs,
    saidFailed: placed.saidFailed ?? false,
    unconfirmed: [],
  };
  const receivedMs = known.lastNewsMs ?? placed.atMs;
  return known.unconfirmed.reduce(
    (updated, event) => applyEvent(updated, event, receivedMs),
    placedAttempt,
  );
}

/** Truedy shows no call with this id. The deliveries that named it stay unconfirmed. */
export function dismissId(attempt: Attempt, id: string): Attempt {
  return { ...attempt, dismissed: union(attempt.dismissed, [id]) };
}

/** A read showed that the call with this id is not ours. The deliveries that named it are dropped. */
export function dismissCall(attempt: Attempt, id: string): Attempt {
  const namesId = (event: ReceivedEvent) => [...ownIdOf(event), ...event.ids].includes(id);
  return {
    ...dismissId(attempt, id),
    unconfirmed: attempt.unconfirmed.filter((event) => !namesId(event)),
  };
}

/** Closes the attempt with an outcome that does not come from the record of a call. */
export function markEnded(
  attempt: Attempt,
  result: {
    readonly outcome: Outcome;
    readonly rangPhone: boolean;
    readonly learnedBy?: LearnedBy;
    readonly reason?: string;
  },
  nowMs: number,
): Attempt {
  return { ...attempt, ...result, endedAtMs: nowMs };
}

// --- internal ---

/** Older ones are dropped: a read shows what they reported. */
const MAX_UNCONFIRMED = 16;

function toDelivered(attempt: Attempt, event: ReceivedEvent): Delivered {
  const [ownId] = ownIdOf(event);
  const isOther =
    callIdOf(attempt) !== undefined && ownId !== undefined && !attempt.ids.includes(ownId);
  return {
    reference: event.attempt === attempt.number ? 'ours' : 'none',
    number: event.number ?? 'none',
    id: ownId === undefined ? 'none' : isOther ? 'unknown' : 'known',
    isComplete: event.call !== undefined && isCompleteEnding(event.call),
    attempt: knownAs(attempt),
  };
}

/** Keeps a delivery that does not establish the call, to apply it once a read has. */
function keepUnconfirmed(attempt: Attempt, event: ReceivedEvent, nowMs: number): Attempt {
  const named = [...ownIdOf(event), ...event.ids];
  const isDismissed = named.length > 0 && named.every((id) => attempt.dismissed.includes(id));
  const isDuplicate = attempt.unconfirmed.some(
    ({ deliveryId }) => deliveryId !== undefined && deliveryId === event.deliveryId,
  );
  if (isDismissed || isDuplicate) return attempt;
  const unconfirmed = [...attempt.unconfirmed, event].slice(-MAX_UNCONFIRMED);
  return { ...attempt, unconfirmed, lastNewsMs: nowMs };
}

/** A delivery establishes that the call exists. Earlier deliveries are applied first, in the order received. */
function placeByEvent(attempt: Attempt, event: ReceivedEvent, nowMs: number): Attempt {
  const { unconfirmed, ...open } = reopened(attempt);
  const [ownId] = ownIdOf(event);
  const placedAttempt: Attempt = {
    ...open,
    record: { ...open.record, id: open.record.id ?? ownId ?? null },
    ids: union(open.ids, ownIdOf(event)),
    placedBy: 'webhook',
    placedAtMs: nowMs,
    unconfirmed: [],
  };
  return [...unconfirmed, event].reduce(
    (updated, one) => applyEvent(updated, one, nowMs),
    placedAttempt,
  );
}

function applyToPlaced(attempt: Attempt, event: ReceivedEvent, nowMs: number): Attempt {
  const reason = attempt.reason ?? event.reason;
  const [ownId] = ownIdOf(event);
  const updated: Attempt = {
    ...attempt,
    ids: union(attempt.ids, [...ownIdOf(event), ...event.ids]),
    record: { ...attempt.record, id: attempt.record.id ?? ownId ?? null },
    ...(reason !== undefined && { reason }),
    lastNewsMs: nowMs,
    nudged: attempt.nudged || isNudge(event),
  };
  const report = { record: recordOf(event), reason: event.reason ?? null };
  return applyRecord(updated, report, 'webhook', nowMs);
}

/** Reopens an attempt that was closed without a call, because evidence now shows a call. */
function reopened(attempt: Attempt): Attempt {
  if (attempt.outcome === undefined || isPlaced(attempt)) return attempt;
  const { number, sent, doubt, unconfirmed, dismissed, flags, notes } = attempt;
  const open: Attempt = {
    ...newAttempt(number),
    sent,
    ...(doubt && { doubt }),
    unconfirmed,
    dismissed,
    flags,
    notes,
  };
  return withFlag(open, 'dialed_after_all');
}

function applyRecord(
  attempt: Attempt,
  report: { readonly record: CallRecord; readonly reason: string | null },
  by: LearnedBy,
  nowMs: number,
): Attempt {
  const record = mergeReport(attempt.record, report.record);
  const wasInProgress = attempt.wasInProgress || report.record.status === 'in_progress';
  const known = { ...withOtherOutcome(attempt, report.record), record, wasInProgress };
  if (attempt.outcome !== undefined) {
    // The outcome is final. Later reports only fill in missing fields.
    const ended = { record: attempt.record, reason: attempt.reason, outcome: attempt.outcome };
    const isContradiction = contradicts(ended, report, { wasInProgress, isOrdered: by === 'poll' });
    return isContradiction ? withFlag(known, 'contradicted') : known;
  }
  if (!hasEnded(record)) return known;
  const outcome = outcomeOf(record, attempt.reason, wasInProgress);
  const ended: Attempt = {
    ...known,
    outcome,
    rangPhone: rangPhone(outcome),
    learnedBy: by,
    endedAtMs: endedAt(record, nowMs),
  };
  return isNeverAnswered(outcome) && wasInProgress ? withFlag(ended, 'contradicted') : ended;
}

/** Truedy's own time, unless it cannot be parsed or is in the future. */
function endedAt(record: CallRecord, nowMs: number): number {
  const reportedMs = Date.parse(record.ended_at ?? '');
  return reportedMs <= nowMs ? reportedMs : nowMs;
}

function union(known: readonly string[], more: readonly string[]): readonly string[] {
  return [...new Set([...known, ...more])];
}
