import {
  callIdOf,
  isAbout,
  isPlaced,
  newAttempt,
  ownIdOf,
  withFlag,
  withNote,
  type Attempt,
} from './attempt';
import { provesDelivered, type Delivered } from './evidence';
import type { LearnedBy, PlacedBy } from './api-types';
import { isNudge, recordOf, type News } from './call-event';
import { contradicts, isNeverAnswered, outcomeOf, rangPhone, type Outcome } from './outcome';
import { advance, hasEnded, isCompleteEnding, type CallRecord } from './call-record';

/**
 * The attempts after a delivery; `undefined` where it is about none of them.
 *
 * It changes the attempt it is about and no other. One that turns out to have been dialed after all is the
 * last one again: a next attempt that was not sent is dropped.
 */
export function hearAll(
  attempts: readonly Attempt[],
  event: News,
  nowMs: number,
): readonly Attempt[] | undefined {
  const about = attempts.find((attempt) => isAbout(attempt, event));
  if (about === undefined) return undefined;
  const later = attempts.slice(attempts.indexOf(about) + 1);
  const isLast = later.every((attempt) => !attempt.sent && attempt.outcome === undefined);
  const heard = hear(about, event, nowMs, isLast);
  const wasClosed = about.outcome !== undefined && !isPlaced(about);
  const isReopened = wasClosed && isLast && (heard.outcome === undefined || isPlaced(heard));
  const kept = isReopened ? attempts.slice(0, about.number) : attempts;
  return kept.map((attempt) => (attempt === about ? heard : attempt));
}

/**
 * The attempt after a delivery, by what `evidence.ts` says it proves.
 *
 * @param isLast Whether no later attempt was sent: only then can this one be open again.
 */
export function hear(attempt: Attempt, event: News, nowMs: number, isLast = true): Attempt {
  switch (provesDelivered(toDelivered(attempt, event))) {
    case 'nothing':
      return withNote(attempt, 'a delivery with our reference shows another number: ignored');
    case 'second_call':
      return withFlag(attempt, 'second_call');
    case 'fact':
      return isPlaced(attempt) ? apply(attempt, event, nowMs) : establish(attempt, event, nowMs);
    case 'look':
      // The next attempt is on its way: this one keeps the outcome that led to it.
      if (!isLast) return withFlag({ ...attempt, rangPhone: true }, 'dialed_after_all');
      return suspect(reopened(attempt), event, nowMs);
  }
}

/** The attempt after a read or a listing showed its call. */
export function see(
  attempt: Attempt,
  seen: {
    readonly record: CallRecord;
    readonly otherIds: readonly string[];
    readonly reason: string | null;
  },
  nowMs: number,
): Attempt {
  const reason = attempt.reason ?? seen.reason;
  const known: Attempt = {
    ...attempt,
    ids: union(attempt.ids, seen.otherIds),
    ...(reason !== null && { reason }),
  };
  return learn(known, seen, 'poll', nowMs);
}

/** The attempt once its call has been established. What deliveries reported before is applied to it. */
export function place(
  attempt: Attempt,
  placed: {
    /** The vendor's own id first. */
    readonly ids: readonly [string, ...string[]];
    readonly by: PlacedBy;
    readonly atMs: number;
    readonly saidFailed?: boolean;
  },
): Attempt {
  const known = reopened(attempt);
  const established: Attempt = {
    ...known,
    ids: union(placed.ids, known.ids),
    record: { ...known.record, id: known.record.id ?? placed.ids[0] },
    placedBy: placed.by,
    placedAtMs: placed.atMs,
    saidFailed: placed.saidFailed ?? false,
    unconfirmed: [],
  };
  const heardMs = known.lastNewsMs ?? placed.atMs;
  return known.unconfirmed.reduce((now, event) => hear(now, event, heardMs), established);
}

/** The attempt after Truedy showed no call by this id; what deliveries reported stays open. */
export function withoutId(attempt: Attempt, id: string): Attempt {
  return { ...attempt, dismissed: union(attempt.dismissed, [id]) };
}

/** The attempt after a read showed that this id is the call of somebody else: what was reported of it is dropped. */
export function withoutCall(attempt: Attempt, id: string): Attempt {
  const isOther = (event: News) => [...ownIdOf(event), ...event.ids].includes(id);
  return {
    ...withoutId(attempt, id),
    unconfirmed: attempt.unconfirmed.filter((event) => !isOther(event)),
  };
}

/** The attempt ended in a way that no record of a call tells. */
export function close(
  attempt: Attempt,
  ending: {
    readonly outcome: Outcome;
    readonly rangPhone: boolean;
    readonly learnedBy?: LearnedBy;
    readonly reason?: string;
  },
  nowMs: number,
): Attempt {
  return { ...attempt, ...ending, endedAtMs: nowMs };
}

// --- internal ---

/** More are not kept: a read shows what the later ones reported. */
const MOST_UNCONFIRMED = 16;

function toDelivered(attempt: Attempt, event: News): Delivered {
  const [ownId] = ownIdOf(event);
  const knowsOther = callIdOf(attempt) !== undefined && ownId !== undefined;
  return {
    reference: event.attempt === attempt.number ? 'ours' : 'none',
    number: event.number ?? 'none',
    id:
      ownId === undefined
        ? 'none'
        : knowsOther && !attempt.ids.includes(ownId)
          ? 'unknown'
          : 'known',
    isComplete: event.call !== undefined && isCompleteEnding(event.call),
    attempt: isPlaced(attempt) ? 'named' : attempt.sent ? 'sent' : 'unsent',
  };
}

/** A delivery that names no call yet, to be applied once a read has confirmed it. */
function suspect(attempt: Attempt, event: News, nowMs: number): Attempt {
  const named = [...ownIdOf(event), ...event.ids];
  const isDismissed = named.length > 0 && named.every((id) => attempt.dismissed.includes(id));
  const isKept = attempt.unconfirmed.some(
    ({ deliveryId }) => deliveryId !== undefined && deliveryId === event.deliveryId,
  );
  if (isDismissed || isKept) return attempt;
  const unconfirmed = [...attempt.unconfirmed, event].slice(-MOST_UNCONFIRMED);
  return { ...attempt, unconfirmed, lastNewsMs: nowMs };
}

/** A delivery establishes that the call exists. What others reported before is applied first, in their order. */
function establish(attempt: Attempt, event: News, nowMs: number): Attempt {
  const { unconfirmed, ...open } = reopened(attempt);
  const [ownId] = ownIdOf(event);
  const established: Attempt = {
    ...open,
    record: { ...open.record, id: open.record.id ?? ownId ?? null },
    ids: union(open.ids, ownIdOf(event)),
    placedBy: 'webhook',
    placedAtMs: nowMs,
    unconfirmed: [],
  };
  return [...unconfirmed, event].reduce((known, one) => hear(known, one, nowMs), established);
}

function apply(attempt: Attempt, event: News, nowMs: number): Attempt {
  const reason = attempt.reason ?? event.reason;
  const [ownId] = ownIdOf(event);
  const heard: Attempt = {
    ...attempt,
    ids: union(attempt.ids, [...ownIdOf(event), ...event.ids]),
    record: { ...attempt.record, id: attempt.record.id ?? ownId ?? null },
    ...(reason !== undefined && { reason }),
    lastNewsMs: nowMs,
    nudged: attempt.nudged || isNudge(event),
  };
  const told = { record: recordOf(event), reason: event.reason ?? null };
  return learn(heard, told, 'webhook', nowMs);
}

/** The attempt as it was before it was closed without a call, which evidence now shows to exist. */
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

function learn(
  attempt: Attempt,
  told: { readonly record: CallRecord; readonly reason: string | null },
  by: LearnedBy,
  nowMs: number,
): Attempt {
  const record = advance(attempt.record, told.record);
  const wasInProgress = attempt.wasInProgress || told.record.status === 'in_progress';
  const known: Attempt = { ...attempt, record, wasInProgress };
  if (attempt.outcome !== undefined) {
    // How it ended is settled once: what comes later only fills what was empty.
    const ended = { record: attempt.record, reason: attempt.reason, outcome: attempt.outcome };
    const isOther = contradicts(ended, told, { wasInProgress, isOrdered: by === 'poll' });
    return isOther ? withFlag(known, 'contradicted') : known;
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

// The vendor's own time where it can be read and is not in the future.
function endedAt(record: CallRecord, nowMs: number): number {
  const toldMs = Date.parse(record.ended_at ?? '');
  return toldMs <= nowMs ? toldMs : nowMs;
}

function union(known: readonly string[], more: readonly string[]): readonly string[] {
  return [...new Set([...known, ...more])];
}
