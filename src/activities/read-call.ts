import { activityInfo } from '@temporalio/activity';
import { matchNumber, matchReference, provesNamed, provesProgress } from '../call/evidence';
import { floorMs, lookAgainMs, nextReadMs, type Pace } from '../call/timing';
import { hasArtifacts, isAhead, type CallRecord, type CallStatus } from '../call/call-record';
import type { TruedyClient } from '../truedy/client';
import type { TruedyCall } from '../truedy/truedy-call';
import { TruedyContractError, TruedyResponseError } from '../truedy/errors';
import { askAgainIn, askedToWaitMs, nameOf, readFailed } from './retry-failures';
import {
  answerOf,
  QUESTION_LIMIT_MS,
  serverClockFrom,
  thisActivity,
  type ServerQuestions,
} from './server-questions';

/** What one poll is about. */
export interface ReadRequest {
  readonly callId: string;
  /** Ours: an answer that shows another number is not about our call. */
  readonly phoneNumber: string;
  /** The status known; the poll returns as soon as a read tells another. */
  readonly known: CallStatus | null;
  /** A `change` of status, transcript and summary of an ended call, or any answer at all. */
  readonly until: 'change' | 'artifacts' | 'anything';
  /** No request before this instant, in milliseconds since 1970. */
  readonly dueMs: number;
  readonly pace: Pace;
}

/** What a poll brought. */
export type ReadAnswer =
  | {
      readonly kind: 'read';
      readonly record: CallRecord;
      readonly otherIds: readonly string[];
      readonly reason: string | null;
      readonly readAtMs: number;
      /** How many requests the poll took; absent in older histories. */
      readonly reads?: number;
    }
  | { readonly kind: 'overdue'; readonly reads?: number };

/** An id that a delivery or a person named, and what its call has to show to be ours. */
export interface LookRequest {
  readonly callId: string;
  readonly phoneNumber: string;
  readonly reference: string;
  readonly timeScale: number;
}

/** What one look at a call id says of it. */
export type LookAnswer =
  | {
      readonly kind: 'ours';
      /** Its `id` is the vendor's own, whatever id was asked for. */
      readonly record: CallRecord & { readonly id: string };
      readonly otherIds: readonly string[];
      readonly reason: string | null;
      readonly readAtMs: number;
    }
  | { readonly kind: 'not_ours' | 'no_call'; readonly because: string };

export function createReadCall(truedy: TruedyClient, server: ServerQuestions) {
  /**
   * The poll. One dispatch sends at most one request; until something changes it fails with the delay
   * to the next, and past the deadline a last read decides.
   */
  return async function readCall(request: ReadRequest): Promise<ReadAnswer> {
    await holdToTime(request.dueMs, server);
    const now = serverClockFrom(activityInfo().currentAttemptScheduledTimestampMs);
    const found = await look(request);
    const nowMs = now();
    if (found instanceof Error) return goOn(request, nowMs, request.known, found);
    const { record, otherIds, reason } = found;
    if (isAnswer(request, record))
      return {
        kind: 'read',
        record,
        otherIds,
        reason,
        // The next read keeps its distance from this instant, so it errs on the late side, by up to 5 s.
        readAtMs: Math.max(nowMs, Date.now()),
        reads: readsOf(request),
      };
    const { known } = request;
    return goOn(request, nowMs, isAhead(record.status, known) ? record.status : known);
  };

  async function look({ callId, phoneNumber }: ReadRequest): Promise<TruedyCall | Error> {
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

  /** `nowMs`, and the instants of a pace, are by the server's clock. */
  function goOn(
    request: ReadRequest,
    nowMs: number,
    status: CallStatus | null,
    error?: Error,
  ): ReadAnswer {
    const { pace, until } = request;
    const talks = until === 'change' && status === 'in_progress';
    const endMs = talks ? pace.lastMs : pace.deadlineMs;
    if (nowMs >= endMs) return { kind: 'overdue', reads: readsOf(request) };
    const paced = Math.min(nextReadMs(pace, nowMs), endMs) - nowMs;
    // Jitter only upwards: a read may come later than planned, never sooner.
    const waitMs =
      Math.max(paced, floorMs(pace.timeScale), askedToWaitMs(error, Date.now())) *
      (1 + Math.random() * 0.1);
    if (error !== undefined) throw readFailed(error, waitMs);
    const seconds = Math.round((nowMs - pace.placedAtMs) / 1000);
    const word = status?.replace('_', ' ') ?? 'status unknown';
    throw askAgainIn(waitMs, `${word}, ${seconds} s after it was placed`);
  }
}

/** Each dispatch is one request, but for the first where it came before its time. */
function readsOf({ dueMs }: ReadRequest): number {
  const { attempt, scheduledTimestampMs } = activityInfo();
  const wasHeld = attempt > 1 && scheduledTimestampMs < dueMs;
  return attempt - (wasHeld ? 1 : 0);
}

function isAnswer({ until, known }: ReadRequest, record: CallRecord): boolean {
  switch (until) {
    case 'change':
      // A read may be behind a delivery; what it repeats would only make history grow.
      return isAhead(record.status, known);
    case 'artifacts':
      return hasArtifacts(record);
    case 'anything':
      return true;
  }
}

export function createLookCall(truedy: TruedyClient) {
  /**
   * One look at an id that a delivery or a person named: the call is ours only if it shows our number, and
   * no other reference. A look that fails is tried again, 5 s later (scaled), doubling up to 5 min.
   */
  return async function lookCall(request: LookRequest): Promise<LookAnswer> {
    const { callId, timeScale } = request;
    try {
      return toLook(await truedy.readCall(callId), request);
    } catch (error) {
      if (error instanceof TruedyResponseError && error.status === 404) {
        return { kind: 'no_call', because: 'Truedy knows no call of that id' };
      }
      const waitMs = lookAgainMs(activityInfo().attempt, timeScale);
      throw readFailed(error, Math.max(waitMs, askedToWaitMs(error, Date.now())));
    }
  };
}

function toLook(call: TruedyCall, { phoneNumber, reference }: LookRequest): LookAnswer {
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
  // Without a number nothing is shown either way: the listing may still find the call.
  if (number === 'none') return { kind: 'no_call', because: 'that call does not show its number' };
  const because =
    number === 'other'
      ? 'that call shows another number'
      : 'that call carries the reference of another attempt';
  return { kind: 'not_ours', because };
}

/**
 * The first line of every paced activity: nothing is sent before its time.
 *
 * The first dispatch comes immediately, and a restarted server dispatches a waiting retry early (seen on
 * Server 1.32). Both are judged by the server's clock alone: when it handed this dispatch over, against when
 * it was due. This machine's clock only saves the question where it shows that a retry is due.
 *
 * @param firstDueMs Of the first dispatch, by the server's clock; later ones are due when they were scheduled.
 */
export async function holdToTime(firstDueMs: number, server: ServerQuestions): Promise<void> {
  const { attempt, currentAttemptScheduledTimestampMs: scheduledMs } = activityInfo();
  const dueMs = attempt === 1 ? firstDueMs : scheduledMs;
  const passedMs = attempt === 1 ? scheduledMs : Date.now();
  if (passedMs >= dueMs) return;
  const state = await answerOf(() => server.stateOf(thisActivity())).catch(nameOf);
  if (typeof state === 'string') {
    throw askAgainIn(QUESTION_LIMIT_MS, `Temporal could not be asked: ${state}`);
  }
  // Its run wants no answer any more, and gets none.
  if (state.kind !== 'started') throw askAgainIn(QUESTION_LIMIT_MS, 'no longer asked for');
  const restMs = dueMs - state.startedMs;
  if (restMs > 0) throw askAgainIn(restMs, `not due for ${Math.ceil(restMs / 1000)} s`);
}
