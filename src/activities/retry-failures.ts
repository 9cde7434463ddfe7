import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { TruedyError, TruedyResponseError } from '../truedy/errors';

/** The type of a dispatch that only says when to ask again: it is no fault, and nobody is alarmed by it. */
const NOT_YET = 'NotYet';
const MOST_READ_WAIT_MS = 120_000;

/**
 * Ends one dispatch of a paced activity; the server dispatches it again after the delay, so that the
 * pace is a durable timer and history does not grow.
 *
 * @param text One line, shown by the Temporal UI among the pending activities.
 */
export function askAgainIn(delayMs: number, text: string): ApplicationFailure {
  return withoutStack(
    ApplicationFailure.create({
      message: text,
      type: NOT_YET,
      nextRetryDelay: atLeast(delayMs),
      category: ApplicationFailureCategory.BENIGN,
    }),
  );
}

/** A read that came to nothing: always tried again, since an ending must not be lost to a passing fault. */
export function readFailed(error: unknown, delayMs: number): ApplicationFailure {
  if (!(error instanceof TruedyError)) throw error;
  return withoutStack(
    ApplicationFailure.create({
      message: error.message,
      type: error instanceof TruedyResponseError ? (error.code ?? error.name) : error.name,
      nextRetryDelay: atLeast(delayMs),
    }),
  );
}

/**
 * How long Truedy asks us to wait before the next read, at most 2 min.
 *
 * A dial obeys a longer `Retry-After`. A read does not: a delay beyond the activity's own deadline would
 * end it at once, and the result of a live call would be lost.
 */
export function askedToWaitMs(error: unknown, nowMs: number): number {
  const untilMs = error instanceof TruedyResponseError ? error.retryAtMs : undefined;
  return Math.min(Math.max(0, (untilMs ?? 0) - nowMs), MOST_READ_WAIT_MS);
}

const OTHER_SCALE_AGAIN_MS = 10_000;

/** Refuses a read that another worker has to make; its delay leaves that worker time to take it. */
export function refuseOtherScale(asked: number, own: number): void {
  if (asked === own) return;
  throw withoutStack(
    ApplicationFailure.create({
      message: otherScale(asked, own),
      type: 'OtherTimeScale',
      nextRetryDelay: OTHER_SCALE_AGAIN_MS,
    }),
  );
}

/** What is said of a request that a worker of another time scale made: it is for another Truedy than ours. */
export function otherScale(asked: number, own: number): string {
  return `TRUEDY_TIME_SCALE is ${own} for this worker and was ${asked} when the call was started; set all workers alike`;
}

/** Messages of our own errors name ids and statuses; those of others may name anything. */
export function nameOf(error: unknown): string {
  if (error instanceof TruedyError) return error.message;
  return error instanceof Error ? error.name : 'unknown error';
}

// --- internal ---

// A delay of 0 would mean the retry policy's own.
function atLeast(delayMs: number): number {
  return Math.max(1, Math.ceil(delayMs));
}

// The UI prints the stack of a pending activity's last failure below its text, where it only hides it.
function withoutStack(failure: ApplicationFailure): ApplicationFailure {
  failure.stack = '';
  return failure;
}
