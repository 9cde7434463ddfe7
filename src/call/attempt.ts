import type { Flag } from './flags';
import type { AttemptReport, CallEvent, LearnedBy, Phase, PlacedBy } from './api-types';
import type { News } from './call-event';
import type { Outcome } from './outcome';
import { NOTHING_KNOWN, type CallRecord, type CallStatus } from './call-record';

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
  readonly unconfirmed: readonly News[];
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

/** The vendor's own id, where the delivery names it. */
export function ownIdOf(event: CallEvent): readonly string[] {
  const id = event.callId ?? event.call?.id ?? null;
  return id === null ? [] : [id];
}

/** The number of the attempt whose call is known by one of these ids; `undefined` where none is. */
export function ownerOf(attempts: readonly Attempt[], ids: readonly string[]): number | undefined {
  return attempts.find((attempt) => attempt.ids.some((id) => ids.includes(id)))?.number;
}

/** Whether the event is about this attempt: by our reference, else by an id that is known. */
export function isAbout(attempt: Attempt, event: CallEvent): boolean {
  if (event.attempt !== undefined) return event.attempt === attempt.number;
  return event.ids.some((id) => attempt.ids.includes(id));
}

export function withFlag(attempt: Attempt, flag: Flag): Attempt {
  return attempt.flags.includes(flag) ? attempt : { ...attempt, flags: [...attempt.flags, flag] };
}

/** The flags that are new, each with the number of its attempt. */
export function newFlags(before: readonly Attempt[], after: readonly Attempt[]) {
  return after.flatMap(({ number, flags }) => {
    const known = before.find((attempt) => attempt.number === number)?.flags ?? [];
    return flags.filter((flag) => !known.includes(flag)).map((flag) => ({ attempt: number, flag }));
  });
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

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
