import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { quoted } from './visibility-query';
import { toMs } from './task-queue';

const {
  PENDING_ACTIVITY_STATE_STARTED: STARTED,
  PENDING_ACTIVITY_STATE_CANCEL_REQUESTED: CANCEL_REQUESTED,
  PENDING_ACTIVITY_STATE_PAUSE_REQUESTED: PAUSE_REQUESTED,
} = temporal.api.enums.v1.PendingActivityState;

/** How long the connection itself waits for one answer. */
const CALL_LIMIT_MS = 4_000;

/** What activities ask the server about the run and the activity they work for. */
export function createServerQuestions(client: Client) {
  const { connection, options, workflowService } = client;
  const { namespace } = options;
  return {
    /** Asks about the newest run under the workflow id. Read from the run itself: strongly consistent. */
    async stateOf(activity: { workflowId: string; runId: string; activityId: string }) {
      const { workflowId, runId, activityId } = activity;
      const { workflowExecutionInfo, pendingActivities } = await connection.withDeadline(
        Date.now() + CALL_LIMIT_MS,
        () => workflowService.describeWorkflowExecution({ namespace, execution: { workflowId } }),
      );
      if (workflowExecutionInfo?.execution?.runId !== runId) return { kind: 'other_run' } as const;
      const found = pendingActivities.find((pending) => pending.activityId === activityId);
      const { state, attempt, lastStartedTime } = found ?? {};
      if (state === CANCEL_REQUESTED || state === PAUSE_REQUESTED) {
        return { kind: 'stopping' } as const;
      }
      if (state !== STARTED) return { kind: 'gone' } as const;
      if (attempt == null || !lastStartedTime) throw new Error('the server tells no start');
      return { kind: 'started', attempt, startedMs: toMs(lastStartedTime) } as const;
    },

    /** Every run under the workflow id that visibility knows so far. */
    async runsOf(workflowId: string) {
      const runs: { runId: string; startMs: number; isContinued: boolean }[] = [];
      for await (const run of client.workflow.list({
        query: `WorkflowId = ${quoted(workflowId)}`,
      })) {
        runs.push({
          runId: run.runId,
          startMs: run.startTime.getTime(),
          isContinued: run.status.name === 'CONTINUED_AS_NEW',
        });
      }
      return runs;
    },
  };
}
