import type { Client } from '@temporalio/client';
import { toWorkflowId } from '../call/input';
import { KnownError, loadEnvironment } from '../process';
import { createTemporalClient } from '../temporal/client';
import { unreachable } from '../temporal/unreachable';
import { EXIT } from './exits';

const REACH_LIMIT_MS = 5_000;

/** The flags that say which server: the same as those of the `temporal` command. */
export interface ServerFlags {
  readonly address?: string;
  readonly namespace?: string;
  readonly profile?: string;
}

/** Does one thing with a client that has reached the server, and closes it whatever happened. */
export async function withTemporal<T>(
  flags: ServerFlags,
  act: (temporal: ReturnType<typeof createTemporalClient>, env: NodeJS.ProcessEnv) => Promise<T>,
): Promise<T> {
  const env = withFlags(loadEnvironment(), flags);
  const temporal = createTemporalClient(env);
  try {
    await reach(temporal);
    return await act(temporal, env);
  } finally {
    await temporal.connection.close();
  }
}

/** The run of a workflow id or of the bare key it was made of. */
export function handleOf(client: Client, id: string) {
  return client.workflow.getHandle(toWorkflowId(id));
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

function withFlags(env: NodeJS.ProcessEnv, flags: ServerFlags): NodeJS.ProcessEnv {
  return {
    ...env,
    ...(flags.address !== undefined && { TEMPORAL_ADDRESS: flags.address }),
    ...(flags.namespace !== undefined && { TEMPORAL_NAMESPACE: flags.namespace }),
    ...(flags.profile !== undefined && { TEMPORAL_PROFILE: flags.profile }),
  };
}

async function reach({ connection, address }: ReturnType<typeof createTemporalClient>) {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), REACH_LIMIT_MS);
  });
  const asked = connection.workflowService.getSystemInfo({});
  try {
    await Promise.race([asked, late]);
  } catch (error) {
    // The client goes on trying by itself; nobody waits for it any more.
    asked.catch(() => undefined);
    throw new KnownError(unreachable(address), EXIT.unreachable, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
