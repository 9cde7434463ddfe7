import type { Client } from '@temporalio/client';
import { readReference } from '../call/attempt';
import { CALL_ID } from '../truedy/schemas';
import { TRUEDY_CALL_ID } from '../workflows/search-attributes';

/** Temporal is given up after this: the vendor gives us up after ten seconds. */
export const TEMPORAL_LIMIT_MS = 3_000;

/** Which run a delivery belongs to; `undefined` where none of ours is known by what it names. */
export type Correlate = (told: {
  readonly reference: string | null;
  readonly ids: readonly string[];
}) => Promise<string | undefined>;

/**
 * By our reference in the body, which holds the workflow id; else by the call's ids, which runs write
 * into `TruedyCallId`. An unmatched delivery costs time and never truth: polling is complete.
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
    // A reference of another environment on the same account is nobody's business here.
    if (read !== undefined) return read.namespace === namespace ? read.workflowId : undefined;
    try {
      // A request that nobody waits for any more must end too: a server that hangs would pile them up.
      return await client.withDeadline(Date.now() + TEMPORAL_LIMIT_MS, () => byCallId(client, ids));
    } catch (error) {
      // A namespace without the attribute refuses the query as such.
      if (!isInvalidArgument(error)) throw error;
      if (!told) onUnsearchable?.();
      told = true;
      return undefined;
    }
  };
}

async function byCallId(client: Client, ids: readonly string[]): Promise<string | undefined> {
  // Ids are quoted in the query, so only signs that need no escape are let in.
  const quoted = ids.filter((id) => CALL_ID.test(id)).map((id) => `'${id}'`);
  if (quoted.length === 0) return undefined;
  const query = `${TRUEDY_CALL_ID.name} IN (${quoted.join(', ')}) AND ExecutionStatus = 'Running'`;
  for await (const { workflowId } of client.workflow.list({ query, pageSize: 1 })) {
    return workflowId;
  }
  return undefined;
}

const INVALID_ARGUMENT = 3;

/** Whether Temporal says that the request itself is at fault, and would be however often it came. */
export function isInvalidArgument(error: unknown): boolean {
  return codeOf(error) === INVALID_ARGUMENT;
}

/** The gRPC code of what the client threw. */
export function codeOf(error: unknown): unknown {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}
