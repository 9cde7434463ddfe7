import type { WorkflowHandle } from '@temporalio/client';
import { decodeOptionalFailureToOptionalError } from '@temporalio/common/lib/internal-non-workflow';
import { printableLine, cutToBytes } from '../../call/text/characters';
import { maskNumbers } from '../../call/text/masking';
import { unknownKeyOf } from '../../codec/undecodable';
import type { Temporal } from '../../temporal/client';

/** The server retries a failed task but records only the first failure, among the last events. */
const EVENTS_READ = 20;
const MAX_BYTES = 300;
const LIMIT_MS = 5_000;

/**
 * Why the workflow task of a run is failing: the recorded message, masked and on one line.
 *
 * @returns `undefined` if no task is failing.
 */
export async function taskFailure(
  temporal: Temporal,
  handle: WorkflowHandle,
): Promise<string | undefined> {
  const failure = await temporal.connection.withDeadline(Date.now() + LIMIT_MS, () =>
    lastFailure(temporal, handle),
  );
  if (!failure) return undefined;
  const keyId = unknownKeyOf(failure.applicationFailureInfo?.type);
  if (keyId !== undefined) return `the worker lacks encryption key ${keyId}`;
  const message = await messageOf(temporal, failure);
  return printableLine(cutToBytes(maskNumbers(message), MAX_BYTES));
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

/** The message, decrypted if possible. */
async function messageOf({ client }: Temporal, failure: Failure): Promise<string> {
  const { loadedDataConverter } = client.options;
  const decoded = decodeOptionalFailureToOptionalError(loadedDataConverter, failure);
  return (await decoded.catch(() => undefined))?.message ?? failure.message ?? '';
}

type Failure = NonNullable<Awaited<ReturnType<typeof lastFailure>>>;
