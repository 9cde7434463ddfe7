import type { AttemptReport, CallEvent, LearnedBy, Phase, PlacedBy } from './messages';
import { isNudge, recordOf } from './news';
import { outcomeOf, rangPhone, type Outcome } from './outcome';
import {
  advance,
  contradicts,
  hasEnded,
  NOTHING_KNOWN,
  type CallRecord,
  type CallStatus,
} from './snapshot';

/** One attempt, as the run knows it. */
export interface Attempt {
  readonly number: number;
  /** Whether a request of it was handed to Temporal, so that bytes may have left. */
  readonly sent: boolean;
  /** Every id known for its call: the vendor's, then the carrier's. */
  readonly ids: readonly string[];
  readonly record: CallRecord;
  /** Absent until it is established that the call exists. */
  readonly placedBy?: PlacedBy;
  readonly placedAtMs?: number;
  /** The answer that placed it called it failed at once, which is not believed before it has settled. */
  readonly saidFailed: boolean;
  readonly endedAtMs?: number;
  readonly outcome?: Outcome;
  readonly rangPhone?: boolean;
  readonly learnedBy?: LearnedBy;
  readonly reason?: string;
  readonly lastNewsMs?: number;
  /** A delivery said that the call is over and not how. */
  readonly nudged: boolean;
  /** News told another ending, another number or a second call: a person should look. */
  readonly flags: readonly string[];
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
    nudged: false,
    flags: [],
    notes: [],
  };
}

/** The id to read the call by. */
export function callIdOf(attempt: Attempt): string | undefined {
  return attempt.record.id ?? attempt.ids[0];
}

/** Whether the event is about this attempt: by our reference, else by an id that is known. */
export function isAbout(attempt: Attempt, event: CallEvent): boolean {
  if (event.attempt !== undefined) return event.attempt === attempt.number;
  return event.ids.some((id) => attempt.ids.includes(id));
}

/** The attempt after a delivery. It proves that the call exists, whatever became of the request's answer. */
export function hear(attempt: Attempt, event: CallEvent, nowMs: number): Attempt {
  const knownId = attempt.record.id;
  if (event.call && knownId !== null && event.call.id !== null && event.call.id !== knownId) {
    return withFlag(attempt, 'a second call carries this reference');
  }
  const reason = attempt.reason ?? event.reason;
  const heard: Attempt = {
    ...attempt,
    ids: union(attempt.ids, event.ids),
    placedBy: attempt.placedBy ?? 'webhook',
    placedAtMs: attempt.placedAtMs ?? nowMs,
    ...(reason !== undefined && { reason }),
    lastNewsMs: nowMs,
    nudged: attempt.nudged || isNudge(event),
    // Whatever was said before: a call of this attempt exists.
    ...(attempt.rangPhone === false && attempt.learnedBy === 'resolve' && { rangPhone: true }),
  };
  const learned = learn(heard, recordOf(event), 'webhook', nowMs);
  // It ended without a call, by a person's word or for want of one; what followed from that has happened.
  const wasGivenUp = attempt.outcome !== undefined && attempt.placedBy === undefined;
  return wasGivenUp ? withFlag(learned, 'a delivery shows a call that was given up') : learned;
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
  return learn(known, seen.record, 'poll', nowMs);
}

/** The attempt once its call has been established. What a delivery told before stays. */
export function place(
  attempt: Attempt,
  placed: {
    readonly ids: readonly string[];
    readonly by: PlacedBy;
    readonly atMs: number;
    readonly saidFailed?: boolean;
  },
): Attempt {
  const [callId] = placed.ids;
  return {
    ...attempt,
    ids: union(placed.ids, attempt.ids),
    record: { ...attempt.record, id: attempt.record.id ?? callId ?? null },
    placedBy: placed.by,
    placedAtMs: placed.atMs,
    saidFailed: placed.saidFailed ?? false,
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

export function withFlag(attempt: Attempt, flag: string): Attempt {
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
  };
}

// --- internal ---

function learn(attempt: Attempt, news: CallRecord, by: LearnedBy, nowMs: number): Attempt {
  const record = advance(attempt.record, news);
  // Deliveries come in any order: one that only tells of an earlier stage contradicts nothing.
  const isLate = by === 'webhook' && !hasEnded(news);
  const known =
    contradicts(attempt.record, news) && !isLate
      ? withFlag(attempt, 'later news contradicts its ending')
      : attempt;
  // How it ended is settled once: what comes later only fills what was empty.
  if (attempt.outcome !== undefined || !hasEnded(record)) return { ...known, record };
  const outcome = outcomeOf(record, attempt.reason);
  return {
    ...known,
    record,
    outcome,
    rangPhone: rangPhone(outcome),
    learnedBy: by,
    endedAtMs: endedAt(record, nowMs),
  };
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
