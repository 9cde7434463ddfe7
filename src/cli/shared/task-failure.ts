import type { WorkflowHandle } from '@temporalio/client';
import { printableLine } from '../../call/text/characters';
import { cutToBytes, maskNumbers } from '../../call/text/masking';
import type { Temporal } from '../../temporal/client';

/** A failed task is repeated, and only its first failure is an event: it is among the last ones. */
const EVENTS_READ = 20;
const MOST_BYTES = 300;
const LIMIT_MS = 5_000;

/**
 * Why the workflow task of a run fails: the message of its last failure, masked and on one line.
 *
 * @returns `undefined` where no task of it fails now.
 */
export async function taskFailure(
  temporal: Temporal,
  handle: WorkflowHandle,
): Promise<string | undefined> {
  const failure = await temporal.connection.withDeadline(Date.now() + LIMIT_MS, () =>
    lastFailure(temporal, handle),
  );
  if (!failure) return undefined;
  return printableLine(cutToBytes(maskNumbers(failure.message ?? ''), MOST_BYTES));
}

// --- internal ---

async function lastFailure({ connection, namespace }: Temporal, handle: WorkflowHandle) {
  const { raw, runId } = await handle.describe();
  if ((raw.pendingWorkflowTask?.attempt ?? 0) < 2) return undefined;
  const { history } = await connection.workflowService.getWorkflowExecutionHistoryReverse({
    namespace,
    execution: { workflowId: handle.workflowId, runId },
    maximumPageSize: EVENTS_READ,
  });
  const failed = history?.events?.find((event) => event.workflowTaskFailedEventAttributes);
  return failed?.workflowTaskFailedEventAttributes?.failure;
}
