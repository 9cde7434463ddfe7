import { WorkflowNotFoundError } from '@temporalio/client';
import type { Reference } from '../call/dial-request';
import { hasCallPrefix } from '../call/input';
import { isCallId } from '../call/call-record';
import { WORKFLOW_TYPE } from '../workflows/messages';
import { TRUEDY_CALL_ID } from '../workflows/search-attributes';
import { isInvalidArgument, TEMPORAL_LIMIT_MS } from '../temporal/grpc-status';
import type { RunsClient } from './signal';

/** Finds the workflow id of the run that a delivery belongs to. `undefined` if there is no such run. */
export type Correlate = (delivery: {
  /** Parsed from the body. */
  readonly reference: Reference | undefined;
  readonly ids: readonly string[];
}) => Promise<string | undefined>;

/**
 * Correlates by our reference, which contains the workflow id, or else by the call's ids, which runs write to
 * `TruedyCallId`. A workflow id without our prefix is looked up first, because other workflows of the namespace must
 * not receive the signal. An unmatched delivery only delays the result: polling finds every call.
 */
export function createCorrelate(
  client: RunsClient,
  namespace: string,
  /** Called once if the namespace cannot be searched by call id. */
  onUnsearchable?: () => void,
): Correlate {
  let isReported = false;
  return async ({ reference, ids }) => {
    // Without a deadline, requests to a server that hangs would accumulate.
    const withLimit = <T>(request: () => Promise<T>) =>
      client.withDeadline(Date.now() + TEMPORAL_LIMIT_MS, request);
    if (reference !== undefined) {
      const { workflowId } = reference;
      // The reference belongs to another environment on the same Truedy account.
      if (reference.namespace !== namespace) return undefined;
      if (hasCallPrefix(workflowId)) return workflowId;
      return (await withLimit(() => isOutboundCall(client, workflowId))) ? workflowId : undefined;
    }
    try {
      return await withLimit(() => findByCallId(client, ids));
    } catch (error) {
      // Temporal rejects the query if the namespace lacks the search attribute.
      if (!isInvalidArgument(error)) throw error;
      if (!isReported) onUnsearchable?.();
      isReported = true;
      return undefined;
    }
  };
}

// --- internal ---

async function isOutboundCall(client: RunsClient, workflowId: string): Promise<boolean> {
  try {
    const { type } = await client.workflow.getHandle(workflowId).describe();
    return type === WORKFLOW_TYPE;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

async function findByCallId(
  client: RunsClient,
  ids: readonly string[],
): Promise<string | undefined> {
  // The query quotes the ids, so `isCallId` admits only characters that need no escape.
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
