import type { CallEvent, Flag, LearnedBy, PlacedBy } from './api-types';
import type { Delivered } from './evidence';
import type { Phase } from './phase';
import type { ReceivedEvent } from './call-event';
import type { Outcome } from './outcome';
import { NOTHING_KNOWN, type CallRecord, type CallStatus } from './call-record';

/** When a request without an answer may have been sent, in milliseconds since 1970 by the server's clock. */
export interface Doubt {
  /** Why the answer is missing. */
  readonly reason: string;
  readonly earliestMs: number;
  readonly latestMs: number;
}

/** What a run knows of one attempt. A run that continues as new carries it, so field names are stored in history. */
export interface Attempt {
  readonly number: number;
  /** Whether the request was handed to Temporal, so that bytes may have been sent. */
  readonly sent: boolean;
  /** Every known id of the call: Truedy's, then the carrier's. */
  readonly ids: readonly string[];
  /** Its `id` is Truedy's own, by which the call is read. `null` until a source has named it. */
  readonly record: CallRecord;
  /** Absent until a source has established that the call exists. */
  readonly placedBy?: PlacedBy;
  readonly placedAtMs?: number;
  /** The answer that placed the call also reported it as failed, which a later read must confirm. */
  readonly saidFailed: boolean;
  /** A source reported the call in progress: a person or a machine was on the line. */
  readonly wasInProgress: boolean;
  readonly endedAtMs?: number;
  readonly outcome?: Outcome;
  readonly rangPhone?: boolean;
  readonly learnedBy?: LearnedBy;
  readonly reason?: string;
  /** Truedy's words for how the call ended, apart from the first one, which the record keeps. */
  readonly otherOutcomes?: readonly string[];
  /** When the last delivery for this attempt was received. */
  readonly lastNewsMs?: number;
  /** A delivery reported that the call ended, but not how. */
  readonly nudged: boolean;
  /** Set if the answer to the request was lost. */
  readonly doubt?: Doubt;
  /** Deliveries with our reference that no read has confirmed yet. They are applied once a read does. */
  readonly unconfirmed: readonly ReceivedEvent[];
  /** Ids from deliveries for which Truedy shows no call, or a call that is not ours. */
  readonly dismissed: readonly string[];
  /** What an operator should know of the attempt. With any flag, no further attempt is dialed. */
  readonly flags: readonly Flag[];
  /** Further remarks for the details page. */
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

/** Truedy's own id, by which the call is read. `undefined` until a source has named it. */
export function callIdOf(attempt: Attempt): string | undefined {
  return attempt.record.id ?? undefined;
}

/** Whether a source has established that the call exists. */
export function isPlaced(attempt: Attempt): boolean {
  return attempt.placedBy !== undefined;
}

/** What is known of the attempt's call when a delivery arrives. */
export function knownAs(attempt: Attempt): Delivered['attempt'] {
  if (isPlaced(attempt)) return callIdOf(attempt) === undefined ? 'placed' : 'named';
  return attempt.sent ? 'sent' : 'unsent';
}

/** Whether deliveries report a call that no read has confirmed yet. It may be live. */
export function isSuspected(attempt: Attempt): boolean {
  return !isPlaced(attempt) && attempt.unconfirmed.length > 0;
}

/** The ids in unconfirmed deliveries that no read has dismissed, Truedy's own before the carrier's. */
export function candidatesOf(attempt: Attempt): readonly string[] {
  const named = attempt.unconfirmed.flatMap((event) => [...ownIdOf(event), ...event.ids]);
  return [...new Set(named)].filter((id) => !attempt.dismissed.includes(id));
}

/** Truedy's own id, if the delivery contains it. */
export function ownIdOf(event: CallEvent): readonly string[] {
  const id = event.callId ?? event.call?.id ?? null;
  return id === null ? [] : [id];
}

/** The number of the attempt whose call has one of these ids. */
export function ownerOf(attempts: readonly Attempt[], ids: readonly string[]): number | undefined {
  return attempts.find((attempt) => attempt.ids.some((id) => ids.includes(id)))?.number;
}

/** Whether the event is about this attempt: by our reference or, without one, by a known id. */
export function isAbout(attempt: Attempt, event: CallEvent): boolean {
  if (event.attempt !== undefined) return event.attempt === attempt.number;
  return event.ids.some((id) => attempt.ids.includes(id));
}

export function withFlag(attempt: Attempt, flag: Flag): Attempt {
  return attempt.flags.includes(flag) ? attempt : { ...attempt, flags: [...attempt.flags, flag] };
}

/** The added flags, each with the number of its attempt. */
export function newFlags(before: readonly Attempt[], after: readonly Attempt[]) {
  return after.flatMap(({ number, flags }) => {
    const known = before.find((attempt) => attempt.number === number)?.flags ?? [];
    return flags.filter((flag) => !known.includes(flag)).map((flag) => ({ attempt: number, flag }));
  });
}

export function withNote(attempt: Attempt, note: string): Attempt {
  return attempt.notes.includes(note) ? attempt : { ...attempt, notes: [...attempt.notes, note] };
}

/** The phase of a placed call that has not ended. */
export function phaseOf(status: CallStatus | null): Phase {
  return status === 'ringing' || status === 'in_progress' ? status : 'queued';
}
