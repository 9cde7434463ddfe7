import { WorkflowNotFoundError, type Client, type WorkflowHandle } from '@temporalio/client';
import { toWorkflowId } from '../../call/input';
import { KnownError, loadEnvironment } from '../../runtime/process';
import { createTemporalClient, type Temporal } from '../../temporal/client';
import { unreachable, whyUnreachable } from '../../temporal/tcp-probe';
import { callsWhere, quoted } from '../../temporal/visibility-query';
import { isInvalidArgument } from '../../temporal/grpc-status';
import { TRUEDY_CALL_ID } from '../../workflows/search-attributes';
import { withFlags, type CommonFlags } from './flags';
import { EXIT } from './exit-codes';
import { taskFailure } from './task-failure';
import { isUnanswered, noWorker, taskFails, toKnownError } from './temporal-errors';
import { usageError } from './usage-error';

const PROBE_MS = 300;
const CONNECT_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 10_000;
const RACE_MS = 500;

/** Connects a client, runs `act` with it, and closes it in any case. */
export async function withTemporal<T>(
  flags: CommonFlags,
  act: (temporal: Temporal, env: NodeJS.ProcessEnv) => Promise<T>,
): Promise<T> {
  const env = withFlags(loadEnvironment(), flags);
  const temporal = createTemporalClient(env);
  try {
    await reach(temporal, flags.clientConnectTimeout);
    return await act(temporal, env);
  } catch (error) {
    throw toKnownError(error, temporal);
  } finally {
    await temporal.connection.close();
  }
}

/**
 * Connects to the server and returns its system info.
 *
 * @throws KnownError with exit code 4 if it is unreachable, 3 if it rejected our credentials.
 */
export async function reach(
  temporal: Temporal,
  limitMs = CONNECT_TIMEOUT_MS,
): Promise<{ readonly serverVersion: string }> {
  const { connection, address } = temporal;
  const why = await whyUnreachable(address, PROBE_MS);
  // Any other failure may be due to a proxy, which gRPC uses and the probe does not.
  if (why === 'connection refused')
    throw new KnownError(unreachable(temporal, why), EXIT.unreachable);
  try {
    // The deadline also ends the client's own retries: one left over would crash after `close`.
    return await connection.withDeadline(Date.now() + limitMs, () =>
      connection.workflowService.getSystemInfo({}),
    );
  } catch (error) {
    throw toKnownError(error, temporal, why);
  }
}

/**
 * Sends a query or update, which a worker has to answer.
 *
 * @throws UnansweredError if no worker answers within ten seconds, or its workflow task fails.
 */
export async function ask<T>(
  temporal: Temporal,
  handle: WorkflowHandle,
  question: () => Promise<T>,
): Promise<T> {
  const endMs = Date.now() + ANSWER_TIMEOUT_MS;
  try {
    return await temporal.connection.withDeadline(endMs, question);
  } catch (error) {
    // At the deadline, either server or client gives up first, each with a status of its own.
    const isLate = Date.now() >= endMs - RACE_MS;
    if (!isLate && !isUnanswered(error)) throw error;
    // If the reason cannot be read, report the missing answer without it.
    const why = await taskFailure(temporal, handle).catch(() => undefined);
    throw why === undefined
      ? noWorker(temporal.namespace, { cause: error })
      : taskFails(handle.workflowId, why, { cause: error });
  }
}

/**
 * The run with this workflow ID, key, or Truedy call ID.
 *
 * Truedy writes call IDs in several forms, UUIDs among them, so their form does not distinguish them from
 * keys. If no run has the key, it is looked up as a call ID.
 */
export async function handleOf({ client }: Temporal, id: string): Promise<WorkflowHandle> {
  const handle = client.workflow.getHandle(toWorkflowId(id));
  if (id.includes('/') || (await exists(handle))) return handle;
  const byCallId = await workflowIdOf(client, id);
  return byCallId === undefined ? handle : client.workflow.getHandle(byCallId);
}

/** Whether a run exists. Strongly consistent, unlike a list: finds a run that was started a moment ago. */
export async function exists(handle: WorkflowHandle): Promise<boolean> {
  try {
    await handle.describe();
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

export function notFound(id: string): KnownError {
  return usageError(
    `TT5010  Call ${toWorkflowId(id)} does not exist in this namespace, or its retention has passed.`,
    `temporal workflow list --query "WorkflowType = 'OutboundCallWorkflow'"`,
  );
}

/** The error of an update or cancellation of a call that has ended or does not exist. */
export function notOpen(id: string): KnownError {
  return usageError(
    `TT5012  Call ${toWorkflowId(id)} is not open: it has ended or never existed.`,
    `temporal truedy result ${id}`,
  );
}

// --- internal ---

/** `undefined` also if the namespace lacks the search attribute. */
async function workflowIdOf(client: Client, callId: string): Promise<string | undefined> {
  try {
    const query = callsWhere(`${TRUEDY_CALL_ID.name} = ${quoted(callId)}`);
    for await (const { workflowId } of client.workflow.list({ query, pageSize: 1 })) {
      return workflowId;
    }
  } catch (error) {
    if (!isInvalidArgument(error)) throw error;
  }
  return undefined;
}
