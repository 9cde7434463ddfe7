import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { readReference } from '../call/dial-request';
import { hasCallPrefix } from '../call/input';
import { isCallId } from '../call/call-record';
import { WORKFLOW_TYPE } from '../workflows/messages';
import { TRUEDY_CALL_ID } from '../workflows/search-attributes';
import { isInvalidArgument, TEMPORAL_LIMIT_MS } from '../temporal/grpc-status';

/** Which run a delivery belongs to; `undefined` where none of ours is known by what it names. */
export type Correlate = (told: {
  readonly reference: string | null;
  readonly ids: readonly string[];
}) => Promise<string | undefined>;

/**
 * By our reference in the body, which holds the workflow id; else by the call's ids, which runs write
 * into `TruedyCallId`. An id that our starter did not make is looked up first: other workflows of the
 * namespace must not get the signal. An unmatched delivery costs time and never truth: polling is complete.
 */
export function createCorrelate(
  client: Client,
  namespace: string,
  /** Told once, where the namespace cannot be searched by call id. */
  onUnsearchable?: () => void,
): Correlate {
  let told = false;
  return async ({ reference, ids }) => {
    const read = reference === null ? undefined : readReference(reference);
    // A request that nobody waits for any more must end too: a server that hangs would pile them up.
    const limited = <T>(ask: () => Promise<T>) =>
      client.withDeadline(Date.now() + TEMPORAL_LIMIT_MS, ask);
    if (read !== undefined) {
      const { workflowId } = read;
      // A reference of another environment on the same account is not for this one.
      if (read.namespace !== namespace) return undefined;
      if (hasCallPrefix(workflowId)) return workflowId;
      return (await limited(() => isOutboundCall(client, workflowId))) ? workflowId : undefined;
    }
    try {
      return await limited(() => byCallId(client, ids));
    } catch (error) {
      // A namespace without the attribute refuses the query as such.
      if (!isInvalidArgument(error)) throw error;
      if (!told) onUnsearchable?.();
      told = true;
      return undefined;
    }
  };
}

async function isOutboundCall(client: Client, workflowId: string): Promise<boolean> {
  try {
    const { type } = await client.workflow.getHandle(workflowId).describe();
    return type === WORKFLOW_TYPE;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

async function byCallId(client: Client, ids: readonly string[]): Promise<string | undefined> {
  // Ids are quoted in the query, so only signs that need no escape are let in.
  const quoted = ids.filter(isCallId).map((id) => `'${id}'`);
  if (quoted.length === 0) return undefined;
  const query =
    `${TRUEDY_CALL_ID.name} IN (${quoted.join(', ')})` +
    ` AND WorkflowType = '${WORKFLOW_TYPE}' AND ExecutionStatus = 'Running'`;
  for await (const { workflowId } of client.workflow.list({ query, pageSize: 1 })) {
    return workflowId;
  }
  return undefined;
}
