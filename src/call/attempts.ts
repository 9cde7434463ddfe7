import { provesDelivered, type Delivered } from './evidence';
import type { Flag } from './flags';
import type { AttemptReport, CallEvent, LearnedBy, Phase, PlacedBy } from './messages';
import { isNudge, recordOf } from './news';
import { contradicts, isNeverAnswered, outcomeOf, rangPhone, type Outcome } from './outcome';
import {
  advance,
  hasEnded,
  isCompleteEnding,
  NOTHING_KNOWN,
  type CallRecord,
  type CallStatus,
} from './snapshot';

/** When a request of which no answer came can have left, in milliseconds since 1970 by the server's clock. */
export interface Doubt {
  readonly reason: string;
  readonly earliestMs: number;
  readonly latestMs: number;
}

/** One attempt, as the run knows it. */
export interface Attempt {
  readonly number: number;
  /** Whether a request of it was handed to Temporal, so that bytes may have left. */
  readonly sent: boolean;
  /** Every id known for its call: the vendor's, then the carrier's. */
  readonly ids: readonly string[];
  /** Its `id` is the vendor's own, by which the call is read; `null` until a source named it. */
  readonly record: CallRecord;
  /** Absent until it is established that the call exists. */
  readonly placedBy?: PlacedBy;
  readonly placedAtMs?: number;
  /** The answer that placed it called it failed at once, which is not believed before it has settled. */
  readonly saidFailed: boolean;
  /** Some source reported the call in progress: a person or a machine was on the line. */
  readonly wasInProgress: boolean;
  readonly endedAtMs?: number;
  readonly outcome?: Outcome;
  readonly rangPhone?: boolean;
  readonly learnedBy?: LearnedBy;
  readonly reason?: string;
  readonly lastNewsMs?: number;
  /** A delivery said that the call is over and not how. */
  readonly nudged: boolean;
  /** Since the answer to its request was lost, or a delivery named it that this run never sent. */
  readonly doubt?: Doubt;
  /** Deliveries with its reference that no read has confirmed yet; applied once one has. */
  readonly unconfirmed: readonly CallEvent[];
  /** Ids of deliveries by which Truedy shows no call, or a call that is not ours. */
  readonly dismissed: readonly string[];
  /** A person should look: no further attempt is dialed. */
  readonly flags: readonly Flag[];
  /** What else a person wants to know of it. */
  readonly notes: readonly string[];
}

export function newAttempt(number: number): Attempt {
  return {
    number,
    sent: false,
    ids: [],
    record: NOTHING_KNOWN,
    saidFailed: false,
    wasInProgress: false,
    nudged: false,
    unconfirmed: [],
    dismissed: [],
    flags: [],
    notes: [],
  };
}

/** The vendor's own id, by which the call is read; `undefined` until a source named it. */
export function callIdOf(attempt: Attempt): string | undefined {
  return attempt.record.id ?? undefined;
}

/** Whether it is established that the call of this attempt exists. */
export function isPlaced(attempt: Attempt): boolean {
  return attempt.placedBy !== undefined;
}

/** Whether deliveries name a call of this attempt that no read has confirmed yet: it may be live. */
export function isSuspected(attempt: Attempt): boolean {
  return !isPlaced(attempt) && attempt.unconfirmed.length > 0;
}

/** The ids that unconfirmed deliveries name and no read has dismissed, the vendor's own before the carrier's. */
export function candidatesOf(attempt: Attempt): readonly string[] {
  const named = attempt.unconfirmed.flatMap((event) => [...ownIdOf(event), ...event.ids]);
  return [...new Set(named)].filter((id) => !attempt.dismissed.includes(id));
}

/** Whether the event is about this attempt: by our reference, else by an id that is known. */
export function isAbout(attempt: Attempt, event: CallEvent): boolean {
  if (event.attempt !== undefined) return event.attempt === attempt.number;
  return event.ids.some((id) => attempt.ids.includes(id));
}

/**
 * The attempt after a delivery, by what `evidence.ts` says it proves.
 *
 * @param isLast Whether no later attempt was sent: only then can this one be open again.
 */
export function hear(attempt: Attempt, event: CallEvent, nowMs: number, isLast = true): Attempt {
  switch (provesDelivered(toDelivered(attempt, event))) {
    case 'second_call':
      return withFlag(attempt, 'second_call');
    case 'fact':
      return apply(reopened(attempt), event, nowMs);
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
  const isOther = (event: CallEvent) => [...ownIdOf(event), ...event.ids].includes(id);
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

export function withFlag(attempt: Attempt, flag: Flag): Attempt {
  return attempt.flags.includes(flag) ? attempt : { ...attempt, flags: [...attempt.flags, flag] };
}

export function withNote(attempt: Attempt, note: string): Attempt {
  return attempt.notes.includes(note) ? attempt : { ...attempt, notes: [...attempt.notes, note] };
}

/** The phase of a placed call. */
export function phaseOf(status: CallStatus | null): Phase {
  return status === 'ringing' || status === 'in_progress' ? status : 'queued';
}

/** The attempt as result and query tell it. */
export function toReport(attempt: Attempt): AttemptReport {
  const callId = callIdOf(attempt);
  const { number, outcome, placedAtMs, endedAtMs, placedBy, learnedBy, reason } = attempt;
  return {
    number,
    ...(callId !== undefined && { callId }),
    ...(outcome !== undefined && { outcome }),
    ...(placedAtMs !== undefined && { placedAt: iso(placedAtMs) }),
    ...(outcome !== undefined && endedAtMs !== undefined && { endedAt: iso(endedAtMs) }),
    ...(attempt.rangPhone !== undefined && { rangPhone: attempt.rangPhone }),
    ...(placedBy !== undefined && { placedBy }),
    ...(learnedBy !== undefined && { learnedBy }),
    ...(reason !== undefined && { reason }),
    ...(attempt.flags.length > 0 && { flags: attempt.flags }),
  };
}

// --- internal ---

/** More are not kept: a read shows what the later ones reported. */
const MOST_UNCONFIRMED = 16;

function toDelivered(attempt: Attempt, event: CallEvent): Delivered {
  const [ownId] = ownIdOf(event);
  const knowsOther = callIdOf(attempt) !== undefined && ownId !== undefined;
  return {
    reference: event.attempt === attempt.number ? 'ours' : 'none',
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

/** The vendor's own id, where the delivery names it. */
function ownIdOf(event: CallEvent): readonly string[] {
  const id = event.callId ?? event.call?.id ?? null;
  return id === null ? [] : [id];
}

/** A delivery that names no call yet, to be applied once a read has confirmed it. */
function suspect(attempt: Attempt, event: CallEvent, nowMs: number): Attempt {
  const named = [...ownIdOf(event), ...event.ids];
  const isDismissed = named.length > 0 && named.every((id) => attempt.dismissed.includes(id));
  const isKept = attempt.unconfirmed.some(
    ({ deliveryId }) => deliveryId !== undefined && deliveryId === event.deliveryId,
  );
  if (isDismissed || isKept) return attempt;
  const unconfirmed = [...attempt.unconfirmed, event].slice(-MOST_UNCONFIRMED);
  return { ...attempt, unconfirmed, lastNewsMs: nowMs };
}

function apply(attempt: Attempt, event: CallEvent, nowMs: number): Attempt {
  const reason = attempt.reason ?? event.reason;
  const ids = [...ownIdOf(event), ...event.ids];
  const heard: Attempt = {
    ...attempt,
    ids: union(attempt.ids, ids),
    placedBy: attempt.placedBy ?? 'webhook',
    placedAtMs: attempt.placedAtMs ?? nowMs,
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
  const { outcome, endedAtMs, rangPhone: rang, learnedBy, reason, ...open } = attempt;
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

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
