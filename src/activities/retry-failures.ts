import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { TruedyError, TruedyResponseError } from '../truedy/errors';

/** The failure type of a dispatch that only sets the time of the next one. Not an error, so it raises no alert. */
const NOT_YET = 'NotYet';
const MAX_READ_WAIT_MS = 120_000;

/**
 * Ends one dispatch of a paced activity. The server dispatches it again after the delay, so the pace is durable and
 * history does not grow.
 *
 * @param text One line, which the Temporal UI shows with the pending activity.
 */
export function retryIn(delayMs: number, text: string): ApplicationFailure {
  return withoutStack(
    ApplicationFailure.create({
      message: text,
      type: NOT_YET,
      nextRetryDelay: atLeast(delayMs),
      category: ApplicationFailureCategory.BENIGN,
    }),
  );
}

/** A failed read. It is always retried, so that a temporary error cannot hide how the call ended. */
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
 * A dial obeys a longer `Retry-After`. A read does not: a delay beyond the activity's own deadline would end the
 * activity immediately, and the result of a live call would be lost.
 */
export function askedToWaitMs(error: unknown, nowMs: number): number {
  const untilMs = error instanceof TruedyResponseError ? error.retryAtMs : undefined;
  return Math.min(Math.max(0, (untilMs ?? 0) - nowMs), MAX_READ_WAIT_MS);
}

const OTHER_SCALE_AGAIN_MS = 10_000;

/** Rejects a read with another time scale. The delay lets a worker with the right one take it. */
export function rejectOtherScale(asked: number, own: number): void {
  if (asked === own) return;
  throw withoutStack(
    ApplicationFailure.create({
      message: otherScaleMessage(asked, own),
      type: 'OtherTimeScale',
      nextRetryDelay: OTHER_SCALE_AGAIN_MS,
    }),
  );
}

/** The message for a request with another time scale, which is for another Truedy server than ours. */
export function otherScaleMessage(asked: number, own: number): string {
  return `TRUEDY_TIME_SCALE is ${own} for this worker and was ${asked} when the call was started; use the same value for all workers`;
}

/** The message of one of our errors; only the name of any other, whose message may contain personal data. */
export function nameOf(error: unknown): string {
  if (error instanceof TruedyError) return error.message;
  return error instanceof Error ? error.name : 'unknown error';
}

// --- internal ---

// A delay of 0 would mean the default of the retry policy.
function atLeast(delayMs: number): number {
  return Math.max(1, Math.ceil(delayMs));
}

// The Temporal UI prints the stack below the message of a pending activity's last failure, where it is only noise.
function withoutStack(failure: ApplicationFailure): ApplicationFailure {
  failure.stack = '';
  return failure;
}
