import { activityInfo } from '@temporalio/activity';
import { MAX_CLOCK_DIFFERENCE_MS } from '../call/timing';
import { within } from '../runtime/timeout';

/** One activity of one run. */
export interface ActivityId {
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
}

/** One activity as Temporal's server sees it. */
export type ActivityState =
  /** A worker has it. `startedMs` is the instant the server handed it over, by the server's clock. */
  | { readonly kind: 'started'; readonly attempt: number; readonly startedMs: number }
  /** A worker has it, and an operator or the workflow asked to stop it. */
  | { readonly kind: 'stopping' }
  /** The server does not wait for it: it was given up, or its run is closed. */
  | { readonly kind: 'gone' }
  /** The newest run under the workflow id is another one. */
  | { readonly kind: 'other_run' };

/** A run as visibility lists it; `startMs` by the server's clock. */
export interface ListedRun {
  readonly runId: string;
  readonly startMs: number;
  /** It has continued as a new run, to which it handed over everything between two sends. */
  readonly isContinued: boolean;
}

/** What activities ask Temporal's server. Each question rejects where the server does not answer it. */
export interface ServerQuestions {
  /** Strongly consistent: read from the run itself. */
  readonly stateOf: (activity: ActivityId) => Promise<ActivityState>;
  /** Every run under the workflow id that visibility knows so far: it lags behind by seconds at times. */
  readonly runsOf: (workflowId: string) => Promise<readonly ListedRun[]>;
}

/** How long the server has for one question. */
export const QUESTION_LIMIT_MS = 4_000;

/** The activity that runs here. */
export function thisActivity(): ActivityId {
  const { workflowExecution, activityId } = activityInfo();
  const { workflowId = '', runId = '' } = workflowExecution ?? {};
  return { workflowId, runId, activityId };
}

/**
 * An answer within the limit of a question.
 *
 * The answer may wait in the socket of a process that is frozen meanwhile, and is read before any timer
 * fires: so both clocks of this machine are compared. The monotonic one stands still in a suspended
 * machine, and the wall clock may be set.
 *
 * @throws Error where there was none, or it is as old as the freeze.
 */
export async function answerOf<T>(question: () => Promise<T>): Promise<T> {
  const asked = { steadyMs: performance.now(), wallMs: Date.now() };
  const answer = await within(QUESTION_LIMIT_MS, question());
  const tookMs = Math.max(performance.now() - asked.steadyMs, Date.now() - asked.wallMs);
  if (tookMs > QUESTION_LIMIT_MS) throw new Error('no answer in time');
  return answer;
}

/** Reads the server's clock, in milliseconds since 1970. */
export type ServerClock = () => number;

/**
 * The server's clock, as well as this machine can tell: never ahead of it, and behind by no more than the
 * larger of the two errors below, as long as both clocks differ by at most the allowed 5 s.
 *
 * Workflow code waits by the server's clock, so whatever is compared with its instants is read from here.
 *
 * @param passedMs An instant, by the server's clock, that had passed at `steadyMs`.
 * @param steadyMs By the monotonic clock of this process.
 */
export function serverClockFrom(passedMs: number, steadyMs = performance.now()): ServerClock {
  return () =>
    Math.max(
      // Behind by the time between that instant and `steadyMs`, such as that spent in a queue.
      passedMs + performance.now() - steadyMs,
      // Behind by up to twice the allowed difference of the two clocks.
      Date.now() - MAX_CLOCK_DIFFERENCE_MS,
    );
}
