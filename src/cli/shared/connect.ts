import { WorkflowNotFoundError, type Client, type WorkflowHandle } from '@temporalio/client';
import { toWorkflowId } from '../../call/input';
import { KnownError, loadEnvironment } from '../../runtime/process';
import { createTemporalClient, type Temporal } from '../../temporal/client';
import { whyUnreachable } from '../../temporal/tcp-probe';
import { callsWhere, quoted } from '../../temporal/visibility-query';
import { unreachable } from '../../temporal/unreachable';
import { isInvalidArgument } from '../../temporal/grpc-status';
import { TRUEDY_CALL_ID } from '../../workflows/search-attributes';
import { withFlags, type CommonFlags } from './flags';
import { EXIT } from './exit-codes';
import { taskFailure } from './task-failure';
import { isUnanswered, noWorker, taskFails, toKnownError } from './temporal-errors';

const PROBE_MS = 300;
const REACH_LIMIT_MS = 5_000;
const ANSWER_LIMIT_MS = 10_000;
const RACE_MS = 500;

/** Does one thing with a client that has reached the server, and closes it whatever happened. */
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
 * Connects, or says why not. Returns what the server tells of itself.
 *
 * @throws KnownError with exit 4 where no server answers, 3 where it does not let us in.
 */
export async function reach(
  temporal: Temporal,
  limitMs = REACH_LIMIT_MS,
): Promise<{ readonly serverVersion: string }> {
  const { connection, address } = temporal;
  const why = await whyUnreachable(address, PROBE_MS);
  // Any other reason may be that of a network whose proxy gRPC knows to use.
  if (why === 'connection refused')
    throw new KnownError(unreachable(temporal, why), EXIT.unreachable);
  try {
    // The deadline ends the client's own tries, too: one left over would crash once it is closed.
    return await connection.withDeadline(Date.now() + limitMs, () =>
      connection.workflowService.getSystemInfo({}),
    );
  } catch (error) {
    throw toKnownError(error, temporal, why);
  }
}

/**
 * Asks a run, which only a worker can answer for.
 *
 * @throws UnansweredError where none does within ten seconds, or one tries and fails.
 */
export async function ask<T>(
  temporal: Temporal,
  handle: WorkflowHandle,
  question: () => Promise<T>,
): Promise<T> {
  const endMs = Date.now() + ANSWER_LIMIT_MS;
  try {
    return await temporal.connection.withDeadline(endMs, question);
  } catch (error) {
    // At the limit itself, server and client race to give it up, each with a status of its own.
    const isLate = Date.now() >= endMs - RACE_MS;
    if (!isLate && !isUnanswered(error)) throw error;
    // That no answer came is true whatever else cannot be read.
    const why = await taskFailure(temporal, handle).catch(() => undefined);
    throw why === undefined
      ? noWorker(temporal.namespace, { cause: error })
      : taskFails(handle.workflowId, why, { cause: error });
  }
}

/**
 * The run of a workflow id, of the bare key it was made of, or of Truedy's id of its call.
 *
 * Truedy's own pages spell ids of calls in several ways, as UUIDs among them, so that none is told from a
 * key by its form: what is no key is looked up as an id.
 */
export async function handleOf({ client }: Temporal, id: string): Promise<WorkflowHandle> {
  const handle = client.workflow.getHandle(toWorkflowId(id));
  if (id.includes('/') || (await exists(handle))) return handle;
  const byCallId = await workflowIdOf(client, id);
  return byCallId === undefined ? handle : client.workflow.getHandle(byCallId);
}

export function notFound(id: string): KnownError {
  return new KnownError(
    `TT5010  There is no call ${toWorkflowId(id)} in this namespace, or it is past its retention.\n` +
      `        temporal workflow list --query "WorkflowType = 'OutboundCallWorkflow'"`,
    EXIT.usage,
  );
}

/** An update or cancellation came too late, or names nothing. */
export function notOpen(id: string): KnownError {
  return new KnownError(
    `TT5012  ${toWorkflowId(id)} is not open: it has ended, or it never was.\n` +
      `        temporal truedy result ${id}`,
    EXIT.usage,
  );
}

// --- internal ---

async function exists(handle: WorkflowHandle): Promise<boolean> {
  try {
    await handle.describe();
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/** Only where the namespace can be searched by it; a key may look the same. */
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
