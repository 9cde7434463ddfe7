import { activityInfo, Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { CallResult } from '../call/api-types';
import type { CallFailure } from '../call/call-result';
import { attachPace } from '../call/timing';
import { retryIn } from './retry-failures';

/** The client of the worker that runs the activity: it decodes results as that worker does. */
type WorkerClient = Context['client'];

type Closed =
  | { readonly kind: 'completed'; readonly result: CallResult }
  | { readonly kind: 'failed'; readonly failure: CallFailure };

/** How the activity reads the run of a call. */
export interface RunReader {
  /** Reads the newest run of a workflow ID. */
  readRun(
    client: WorkerClient,
    workflowId: string,
  ): Promise<Closed | { readonly kind: 'open'; readonly isLive: boolean }>;
  /** Waits for that run to close; `false` if it is still open after `limitMs`. */
  closesWithin(client: WorkerClient, workflowId: string, limitMs: number): Promise<boolean>;
}

/** The activity of `callPerson`, on the queue of the workflows. */
export type AwaitCallActivities = ReturnType<typeof createAwaitCall>;

export function createAwaitCall(runs: RunReader, timeScale: number) {
  return {
    /**
     * Returns the result of a call that another run started. Each dispatch waits for at most 20 s. If the call is still
     * open then, it fails with the delay to the next dispatch, so that the days of a redial hold no slot.
     *
     * @throws ApplicationFailure The failure of the run, non-retryable, with its type; `CallAborted` if it was
     *   terminated; `InvalidInput` if the workflow ID belongs to another workflow type.
     */
    async truedyAwaitCall(workflowId: string): Promise<CallResult> {
      const { client } = Context.current();
      const run = await runs.readRun(client, workflowId);
      if (run.kind !== 'open') return toResult(run);
      const { pollMs, delayMs } = attachPace(activityInfo().attempt, run.isLive, timeScale);
      if (pollMs > 0 && (await isClosed(client, workflowId, pollMs))) {
        const ended = await runs.readRun(client, workflowId);
        if (ended.kind !== 'open') return toResult(ended);
        // A run that is reset is followed by another one.
        throw retryIn(1, 'the call was reset');
      }
      const seconds = Math.ceil(delayMs / 1_000);
      throw retryIn(delayMs, `the call has not ended; reading it again in ${seconds} s`);
    },
  };

  async function isClosed(client: WorkerClient, workflowId: string, limitMs: number) {
    const { cancelled } = Context.current();
    const stopped = cancelled.catch(() => {
      throw retryIn(1, 'this worker is stopping; another one continues');
    });
    return Promise.race([runs.closesWithin(client, workflowId, limitMs), stopped]);
  }
}

function toResult(run: Closed): CallResult {
  if (run.kind === 'failed') throw ApplicationFailure.create(run.failure);
  return run.result;
}
