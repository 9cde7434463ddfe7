import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { runsWithId } from './visibility-query';
import { toMs } from './task-queue';

const {
  PENDING_ACTIVITY_STATE_STARTED: STARTED,
  PENDING_ACTIVITY_STATE_CANCEL_REQUESTED: CANCEL_REQUESTED,
  PENDING_ACTIVITY_STATE_PAUSE_REQUESTED: PAUSE_REQUESTED,
} = temporal.api.enums.v1.PendingActivityState;

const CALL_LIMIT_MS = 4_000;

/** The questions that activities ask the server about their own run and activity. */
export function createServerQuestions(client: Client) {
  const { connection, options, workflowService } = client;
  const { namespace } = options;
  return {
    /** Describes the newest run of the workflow id, which is strongly consistent. */
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
      if (attempt == null || !lastStartedTime) throw new Error('the server returned no start time');
      return { kind: 'started', attempt, startedMs: toMs(lastStartedTime) } as const;
    },

    /** Lists the runs of the workflow id. Visibility is eventually consistent, so the newest can be missing. */
    async runsOf(workflowId: string) {
      const runs: { runId: string; startMs: number; isContinued: boolean }[] = [];
      const query = runsWithId(workflowId);
      for await (const { runId, startTime, status } of client.workflow.list({ query })) {
        const isContinued = status.name === 'CONTINUED_AS_NEW';
        runs.push({ runId, startMs: startTime.getTime(), isContinued });
      }
      return runs;
    },
  };
}
