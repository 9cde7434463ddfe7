import { activityInfo } from '@temporalio/activity';
import { matchNumber, matchReference, provesNamed, provesProgress } from '../call/evidence';
import { minReadGapMs, lookAgainMs, nextReadMs, type Pace } from '../call/timing';
import { hasArtifacts, isAhead, type CallRecord, type CallStatus } from '../call/call-record';
import type { TruedyClient } from '../truedy/client';
import type { TruedyCall } from '../truedy/truedy-call';
import { TruedyContractError, TruedyResponseError } from '../truedy/errors';
import { retryIn, askedToWaitMs, nameOf, readFailed } from './retry-failures';
import {
  askWithDeadline,
  QUESTION_LIMIT_MS,
  serverClockFrom,
  thisActivity,
  type ServerQuestions,
} from './server-questions';

/** Input of one poll. */
export interface ReadRequest {
  readonly callId: string;
  /** The number we dialed. A response that shows another number is not about our call. */
  readonly phoneNumber: string;
  /** The last known status. The poll returns once a read shows a later one. */
  readonly known: CallStatus | null;
  /** Return on a `change` of status, on the transcript or summary of an ended call, or on `anything`. */
  readonly until: 'change' | 'artifacts' | 'anything';
  /** Send no request before this instant, in milliseconds since 1970. */
  readonly dueMs: number;
  readonly pace: Pace;
}

/** Result of one poll. */
export type ReadAnswer =
  | {
      readonly kind: 'read';
      readonly record: CallRecord;
      readonly otherIds: readonly string[];
      readonly reason: string | null;
      readonly readAtMs: number;
      /** How many requests the poll sent; absent in older histories. */
      readonly reads?: number;
    }
  | { readonly kind: 'overdue'; readonly reads?: number };

/** An id from a delivery or an operator, and what its call must show to be ours. */
export interface LookRequest {
  readonly callId: string;
  readonly phoneNumber: string;
  readonly reference: string;
  readonly timeScale: number;
}

/** Whether a call id belongs to our call. */
export type LookAnswer =
  | {
      readonly kind: 'ours';
      /** Its `id` is Truedy's, even if another id was requested. */
      readonly record: CallRecord & { readonly id: string };
      readonly otherIds: readonly string[];
      readonly reason: string | null;
      readonly readAtMs: number;
    }
  | { readonly kind: 'not_ours' | 'no_call'; readonly because: string };

export function createReadCall(truedy: TruedyClient, server: ServerQuestions) {
  /**
   * Polls a call. Each dispatch sends at most one request. Until something changes, the activity fails with the delay
   * to its next retry. After the deadline, the last read decides.
   */
  return async function readCall(request: ReadRequest): Promise<ReadAnswer> {
    await requireDue(request.dueMs, server);
    const now = serverClockFrom(activityInfo().currentAttemptScheduledTimestampMs);
    const read = await readOurs(truedy, request);
    const nowMs = now();
    if (read instanceof Error) return readAgainLater(request, nowMs, request.known, read);
    const { record, otherIds, reason } = read;
    if (isAnswer(request, record))
      return {
        kind: 'read',
        record,
        otherIds,
        reason,
        // The next read is paced from this instant, so it may be up to 5 s too late, but never too early.
        readAtMs: Math.max(nowMs, Date.now()),
        reads: readsOf(request),
      };
    const { known } = request;
    return readAgainLater(request, nowMs, isAhead(record.status, known) ? record.status : known);
  };
}

async function readOurs(
  truedy: TruedyClient,
  { callId, phoneNumber }: ReadRequest,
): Promise<TruedyCall | Error> {
  try {
    const call = await truedy.readCall(callId);
    const number = matchNumber(call.phoneNumber, phoneNumber);
    const shows = provesProgress({ number, reference: 'none' });
    return shows === 'progress'
      ? call
      : new TruedyContractError(`GET /calls/${callId}`, 'shows another number');
  } catch (error) {
    return error instanceof Error ? error : new Error('unknown error');
  }
}

/** Throws to be retried, or returns `overdue`. All instants are by the server's clock. */
function readAgainLater(
  request: ReadRequest,
  nowMs: number,
  status: CallStatus | null,
  error?: Error,
): ReadAnswer {
  const { pace, until } = request;
  const isTalking = until === 'change' && status === 'in_progress';
  const endMs = isTalking ? pace.lastMs : pace.deadlineMs;
  if (nowMs >= endMs) return { kind: 'overdue', reads: readsOf(request) };
  const pacedMs = Math.min(nextReadMs(pace, nowMs), endMs) - nowMs;
  // Jitter only adds: a read may be later than planned, never earlier.
  const waitMs =
    Math.max(pacedMs, minReadGapMs(pace.timeScale), askedToWaitMs(error, Date.now())) *
    (1 + Math.random() * 0.1);
  if (error !== undefined) throw readFailed(error, waitMs);
  const seconds = Math.round((nowMs - pace.placedAtMs) / 1000);
  const word = status?.replace('_', ' ') ?? 'status unknown';
  throw retryIn(waitMs, `${word}, ${seconds} s after it was placed`);
}

/** Each dispatch is one request, except a first one that came before it was due. */
function readsOf({ dueMs }: ReadRequest): number {
  const { attempt, scheduledTimestampMs } = activityInfo();
  const wasHeld = attempt > 1 && scheduledTimestampMs < dueMs;
  return attempt - (wasHeld ? 1 : 0);
}

function isAnswer({ until, known }: ReadRequest, record: CallRecord): boolean {
  switch (until) {
    case 'change':
      // A read may lag behind a delivery. Returning a known status would only grow the history.
      return isAhead(record.status, known);
    case 'artifacts':
      return hasArtifacts(record);
    case 'anything':
      return true;
  }
}

export function createLookCall(truedy: TruedyClient) {
  /**
   * Checks an id that a delivery or an operator named. The call is ours only if it shows our number and no other
   * reference. A failed read is retried after 5 s (scaled), doubling up to 5 min.
   */
  return async function lookCall(request: LookRequest): Promise<LookAnswer> {
    const { callId, timeScale } = request;
    try {
      return toLookAnswer(await truedy.readCall(callId), request);
    } catch (error) {
      if (error instanceof TruedyResponseError && error.status === 404) {
        return { kind: 'no_call', because: 'Truedy has no call with that id' };
      }
      const waitMs = lookAgainMs(activityInfo().attempt, timeScale);
      throw readFailed(error, Math.max(waitMs, askedToWaitMs(error, Date.now())));
    }
  };
}

function toLookAnswer(call: TruedyCall, { phoneNumber, reference }: LookRequest): LookAnswer {
  const number = matchNumber(call.phoneNumber, phoneNumber);
  const shown = { number, reference: matchReference(call.reference, reference) };
  if (provesNamed(shown) === 'placed') {
    const { callId, otherIds, reason, record } = call;
    return {
      kind: 'ours',
      record: { ...record, id: callId },
      otherIds,
      reason,
      readAtMs: Date.now(),
    };
  }
  // Without a number neither is proven. The listing may still find the call.
  if (number === 'none') return { kind: 'no_call', because: 'that call does not show its number' };
  const because =
    number === 'other'
      ? 'that call shows another number'
      : 'that call carries the reference of another attempt';
  return { kind: 'not_ours', because };
}

/**
 * Rejects a dispatch that comes before it is due. Every paced activity calls this first.
 *
 * The first dispatch comes immediately, and a restarted server dispatches a waiting retry early (seen on Server
 * 1.32). The check compares when the server started this dispatch with when it was due, both by the server's clock.
 * This machine's clock only saves the question if it shows that a retry is due.
 *
 * @param firstDueMs When the first dispatch is due, by the server's clock. Later ones are due when scheduled.
 */
export async function requireDue(firstDueMs: number, server: ServerQuestions): Promise<void> {
  const { attempt, currentAttemptScheduledTimestampMs: scheduledMs } = activityInfo();
  const dueMs = attempt === 1 ? firstDueMs : scheduledMs;
  const passedMs = attempt === 1 ? scheduledMs : Date.now();
  if (passedMs >= dueMs) return;
  const state = await askWithDeadline(() => server.stateOf(thisActivity())).catch(nameOf);
  if (typeof state === 'string') {
    throw retryIn(QUESTION_LIMIT_MS, `could not check with Temporal: ${state}`);
  }
  // The run no longer waits for this activity.
  if (state.kind !== 'started') throw retryIn(QUESTION_LIMIT_MS, 'no longer needed');
  const restMs = dueMs - state.startedMs;
  if (restMs > 0) throw retryIn(restMs, `not due for ${Math.ceil(restMs / 1000)} s`);
}
