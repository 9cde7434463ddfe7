import { activityInfo } from '@temporalio/activity';
import type { FrozenRequest } from '../call/dial-request';
import type { Placed } from '../call/placement';
import { MAX_CLOCK_DIFFERENCE_MS, sendLimits } from '../call/timing';
import { nameOf } from './retry-failures';
import {
  askWithDeadline,
  QUESTION_LIMIT_MS,
  serverClockFrom,
  thisActivity,
  type ListedRun,
  type ServerQuestions,
} from './server-questions';

/** How soon to list runs again when visibility does not list the current one yet. */
const LIST_AGAIN_MS = 250;

/** The questions to the Temporal server before a dial. */
export function createSendQuestions(server: ServerQuestions, timeScale: number) {
  return {
    /** Why an earlier dispatch or another run may have sent the request; `undefined` if neither can have. */
    async earlierSend(request: FrozenRequest): Promise<Placed | undefined> {
      const { runId } = thisActivity();
      // A reset dispatches an open activity again despite `maximumAttempts: 1` (seen on Server 1.32).
      if (request.runId !== runId || request.firstRunId !== runId) return resetMayHaveSent(request);
      const { attempt, scheduledTimestampMs, currentAttemptScheduledTimestampMs } = activityInfo();
      // An operator raised `maximumAttempts`, or reset the activity. Both instants are the server's.
      if (attempt > 1 || currentAttemptScheduledTimestampMs > scheduledTimestampMs) {
        const reason = 'the activity was dispatched before: the request may have been sent';
        return unclear(reason, scheduledTimestampMs);
      }
      return earlierRuns();
    },

    /**
     * When the server handed this activity to this worker, by the server's clock; otherwise why nothing is sent.
     *
     * The process may have been frozen while it polled, or later. Only the server knows whether it has timed out the
     * activity meanwhile, in which case the workflow has moved on.
     */
    async handover(): Promise<number | Placed> {
      const state = await askWithDeadline(() => server.stateOf(thisActivity())).catch(nameOf);
      if (typeof state === 'string') return defer(`could not check with Temporal: ${state}`);
      switch (state.kind) {
        case 'started':
          if (state.attempt > 1) return abandoned();
          return objectionOfAge(state.startedMs, timeScale) ?? state.startedMs;
        case 'stopping':
          return defer('the request was canceled or paused before it was sent');
        case 'gone':
          return abandoned();
        case 'other_run':
          return otherRunMayHaveSent(await listed(server));
      }
    },
  };

  async function resetMayHaveSent({ firstRunId }: FrozenRequest): Promise<Placed> {
    const reason = 'this run is a reset: the run before it may have sent the request';
    const runs = await listed(server);
    // A run that is no longer listed started before all that are.
    const isComplete = runs.some((run) => run.runId === firstRunId);
    return unclear(reason, isComplete ? earliestOf(runs) : 0);
  }

  async function earlierRuns(): Promise<Placed | undefined> {
    const { runId } = thisActivity();
    try {
      const runs = await askWithDeadline(() => runsWithThis(server));
      const others = runs.filter((run) => run.runId !== runId && !run.isContinued);
      return others.length === 0 ? undefined : otherRunMayHaveSent(runs);
    } catch (error) {
      return defer(`could not check for other runs with this id: ${nameOf(error)}`);
    }
  }
}

/** Our own conditions forbid the dial for now. Nothing was sent. */
export function defer(reason: string) {
  return { kind: 'deferred', cause: 'conditions', reason } as const;
}

// --- internal ---

/** Visibility lags behind. A list without the current run may lack others too. */
async function runsWithThis(server: ServerQuestions): Promise<readonly ListedRun[]> {
  const { workflowId, runId } = thisActivity();
  const startedMs = performance.now();
  for (;;) {
    const runs = await server.runsOf(workflowId);
    if (runs.some((run) => run.runId === runId)) return runs;
    if (performance.now() - startedMs > QUESTION_LIMIT_MS) throw new Error('not listed yet');
    await new Promise((again) => setTimeout(again, LIST_AGAIN_MS));
  }
}

async function listed(server: ServerQuestions): Promise<readonly ListedRun[]> {
  const { workflowId } = thisActivity();
  return askWithDeadline(() => server.runsOf(workflowId)).catch(() => []);
}

/** The workflow has moved on, and may have dialed with another dispatch. */
function abandoned(): Placed {
  const { scheduledTimestampMs } = activityInfo();
  const reason = 'Temporal had abandoned this activity before the request was sent';
  return unclear(reason, scheduledTimestampMs);
}

function objectionOfAge(startedMs: number, timeScale: number): Placed | undefined {
  const { sendWithinMs } = sendLimits(timeScale);
  // This machine's clock minus the server's: off by at most the allowed difference.
  const ageMs = Date.now() - startedMs;
  if (ageMs <= sendWithinMs - MAX_CLOCK_DIFFERENCE_MS) return undefined;
  const seconds = Math.round(ageMs / 1_000);
  return defer(`this worker was ${seconds} s late to send, or its clock is ahead of Temporal's`);
}

function otherRunMayHaveSent(runs: readonly ListedRun[]): Placed {
  const reason = 'another run had this workflow id: it may have sent the request';
  return unclear(reason, earliestOf(runs));
}

/** 0 if no run is listed, so that the whole listing is read. */
function earliestOf(runs: readonly ListedRun[]): number {
  return runs.length === 0 ? 0 : Math.min(...runs.map(({ startMs }) => startMs));
}

/** This dispatch sends nothing. Anything another dispatch sent, it sent before now. */
function unclear(reason: string, earliestSendMs: number): Placed {
  const { currentAttemptScheduledTimestampMs } = activityInfo();
  const latestSendMs = serverClockFrom(currentAttemptScheduledTimestampMs)();
  return { kind: 'unclear', reason, latestSendMs, earliestSendMs };
}
