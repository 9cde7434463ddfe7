import { activityInfo } from '@temporalio/activity';
import { MAX_CLOCK_DIFFERENCE_MS } from '../call/timing';
import { withTimeout } from '../runtime/timeout';

/** One activity of one run. */
export interface ActivityId {
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
}

/** The state of an activity on the Temporal server. */
export type ActivityState =
  /** A worker has it. `startedMs` is when the server handed it over, by the server's clock. */
  | { readonly kind: 'started'; readonly attempt: number; readonly startedMs: number }
  /** A worker has it, and cancellation or a pause has been requested. */
  | { readonly kind: 'stopping' }
  /** The server no longer waits for it: it timed out, or its run is closed. */
  | { readonly kind: 'gone' }
  /** The workflow id has a newer run. */
  | { readonly kind: 'other_run' };

/** A run in visibility. `startMs` is by the server's clock. */
export interface ListedRun {
  readonly runId: string;
  readonly startMs: number;
  /** Continued as a new run, which happens only between two dials. */
  readonly isContinued: boolean;
}

/** The questions of activities to the Temporal server. Each rejects if the server does not answer. */
export interface ServerQuestions {
  /** Strongly consistent. */
  readonly stateOf: (activity: ActivityId) => Promise<ActivityState>;
  /** The runs of the workflow id in visibility, which can lag behind by seconds. */
  readonly runsOf: (workflowId: string) => Promise<readonly ListedRun[]>;
}

/** The deadline of one question. */
export const QUESTION_LIMIT_MS = 4_000;

/** The activity of the current context. */
export function thisActivity(): ActivityId {
  const { workflowExecution, activityId } = activityInfo();
  const { workflowId = '', runId = '' } = workflowExecution ?? {};
  return { workflowId, runId, activityId };
}

/**
 * Measures the time since this call, in milliseconds, by the larger of both clocks of this machine: the monotonic clock
 * stops while the machine is suspended, and the wall clock can be changed.
 */
export function startStopwatch(): () => number {
  const start = { monotonicMs: performance.now(), wallMs: Date.now() };
  return () => Math.max(performance.now() - start.monotonicMs, Date.now() - start.wallMs);
}

/**
 * Asks a question, with a deadline.
 *
 * In a frozen process an answer can wait in the socket, and is read before any timer fires. So the elapsed time is
 * checked as well.
 *
 * @throws Error if no answer came in time, or it is too old.
 */
export async function askWithDeadline<T>(question: () => Promise<T>): Promise<T> {
  const elapsedMs = startStopwatch();
  const answer = await withTimeout(QUESTION_LIMIT_MS, question());
  if (elapsedMs() > QUESTION_LIMIT_MS) throw new Error('no answer in time');
  return answer;
}

/** Estimates the server's clock, in milliseconds since 1970. */
export type ServerClock = () => number;

/**
 * The best lower bound of the server's clock: never ahead of it, and behind by no more than the smaller of the two
 * errors below, as long as this machine's clock is within the allowed 5 s of it.
 *
 * Workflow code waits by the server's clock, so use this for every comparison with its instants.
 *
 * @param passedMs An instant by the server's clock that had passed at `monotonicMs`.
 * @param monotonicMs By the monotonic clock of this process.
 */
export function serverClockFrom(passedMs: number, monotonicMs = performance.now()): ServerClock {
  return () =>
    Math.max(
      // Behind by the time between that instant and `monotonicMs`, such as time spent in a queue.
      passedMs + performance.now() - monotonicMs,
      // Behind by up to twice the allowed difference.
      Date.now() - MAX_CLOCK_DIFFERENCE_MS,
    );
}
