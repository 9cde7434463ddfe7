import { activityInfo } from '@temporalio/activity';
import type { FrozenRequest, Placed } from '../call/dial-request';
import { MAX_CLOCK_DIFFERENCE_MS, sendLimits } from '../call/timing';
import { nameOf } from './retry-failures';
import {
  answerOf,
  QUESTION_LIMIT_MS,
  serverClockFrom,
  thisActivity,
  type ListedRun,
  type ServerQuestions,
} from './server-questions';

/** How soon visibility is asked again for a run that it does not list yet. */
const LIST_AGAIN_MS = 250;

/** What Temporal's server is asked before the one request that rings. */
export function createSendQuestions(server: ServerQuestions, timeScale: number) {
  return {
    /** Why an earlier dispatch, or another run of this id, may have sent the request; `undefined` where none can. */
    async ofHistory(request: FrozenRequest): Promise<Placed | undefined> {
      const { runId } = thisActivity();
      // A reset dispatches an open activity again in spite of its one attempt; seen on Server 1.32.
      if (request.runId !== runId || request.firstRunId !== runId) return ofReset(request);
      const { attempt, scheduledTimestampMs, currentAttemptScheduledTimestampMs } = activityInfo();
      // An operator raised `maximumAttempts`, or reset the activity. Both instants are the server's.
      if (attempt > 1 || currentAttemptScheduledTimestampMs > scheduledTimestampMs) {
        const reason = 'the activity was dispatched before: the request may have been sent';
        return unclear(reason, scheduledTimestampMs);
      }
      return ofOtherRuns();
    },

    /**
     * When the server handed this activity to this worker, by the server's clock; else why nothing is sent.
     *
     * A process that was frozen while it polled, or at any later point, wakes up here. Only the server knows
     * whether it has given the activity up meanwhile, in which case the workflow has moved on.
     */
    async whenHanded(): Promise<number | Placed> {
      const state = await answerOf(() => server.stateOf(thisActivity())).catch(nameOf);
      if (typeof state === 'string') return later(`Temporal could not be asked: ${state}`);
      switch (state.kind) {
        case 'started':
          if (state.attempt > 1) return givenUp();
          return objectionOfAge(state.startedMs, timeScale) ?? state.startedMs;
        case 'stopping':
          return later('the request was canceled or paused before it was sent');
        case 'gone':
          return givenUp();
        case 'other_run':
          return ofOtherRun(await listed());
      }
    },
  };

  async function ofReset({ firstRunId }: FrozenRequest): Promise<Placed> {
    const reason = 'this run is a reset: the run before it may have sent the request';
    const runs = await listed();
    // A run that is listed no more began before any that is.
    const isWhole = runs.some((run) => run.runId === firstRunId);
    return unclear(reason, isWhole ? earliestOf(runs) : 0);
  }

  async function ofOtherRuns(): Promise<Placed | undefined> {
    const { workflowId, runId } = thisActivity();
    try {
      const runs = await answerOf(() => runsWith(workflowId, runId));
      const others = runs.filter((run) => run.runId !== runId && !run.isContinued);
      return others.length === 0 ? undefined : ofOtherRun(runs);
    } catch (error) {
      return later(`Temporal could not say whether another run had this id: ${nameOf(error)}`);
    }
  }

  /** Visibility lags behind: a list that does not show this run may lack others, too. */
  async function runsWith(workflowId: string, runId: string): Promise<readonly ListedRun[]> {
    const startedMs = performance.now();
    for (;;) {
      const runs = await server.runsOf(workflowId);
      if (runs.some((run) => run.runId === runId)) return runs;
      if (performance.now() - startedMs > QUESTION_LIMIT_MS) throw new Error('not listed yet');
      await new Promise((again) => setTimeout(again, LIST_AGAIN_MS));
    }
  }

  async function listed(): Promise<readonly ListedRun[]> {
    const { workflowId } = thisActivity();
    return answerOf(() => server.runsOf(workflowId)).catch(() => []);
  }
}

/** Our own side will not have it sent now; not a byte left. */
export function later(reason: string) {
  return { kind: 'deferred', cause: 'conditions', reason } as const;
}

// --- internal ---

/** By now the workflow may have done anything, such as asked for another dispatch. */
function givenUp(): Placed {
  const { scheduledTimestampMs } = activityInfo();
  return unclear('Temporal had given the request up before it was sent', scheduledTimestampMs);
}

function objectionOfAge(startedMs: number, timeScale: number): Placed | undefined {
  const { sendWithinMs } = sendLimits(timeScale);
  // This machine's clock less the server's: off by at most the allowed difference.
  const ageMs = Date.now() - startedMs;
  if (ageMs <= sendWithinMs - MAX_CLOCK_DIFFERENCE_MS) return undefined;
  const seconds = Math.round(ageMs / 1_000);
  return later(
    `this worker got to the send ${seconds} s late, or its clock is ahead of Temporal's`,
  );
}

function ofOtherRun(runs: readonly ListedRun[]): Placed {
  const reason = 'another run had this workflow id: it may have sent the request';
  return unclear(reason, earliestOf(runs));
}

/** The beginning of time where no run is listed: then the whole listing is read. */
function earliestOf(runs: readonly ListedRun[]): number {
  return runs.length === 0 ? 0 : Math.min(...runs.map(({ startMs }) => startMs));
}

/** Nothing is sent by this dispatch: what another one sent, it sent before now. */
function unclear(reason: string, earliestSendMs: number): Placed {
  const { currentAttemptScheduledTimestampMs } = activityInfo();
  const latestSendMs = serverClockFrom(currentAttemptScheduledTimestampMs)();
  return { kind: 'unclear', reason, latestSendMs, earliestSendMs };
}
