import { toReference } from '../call/attempt';
import type { CommonFlags } from './common-flags';
import type { Aim } from './delivery-sample';
import { handleOf, withTemporal } from './temporal';
import { look } from './watch';

/** The attempt a run is at, with the id it knows its call by: asked of Temporal. */
export async function aimAtRun(id: string, flags: CommonFlags): Promise<Aim> {
  return withTemporal(flags, async (temporal) => {
    const view = await look(temporal, await handleOf(temporal, id));
    const { workflowId, attempt, callId } = view;
    const reference = toReference({ namespace: temporal.namespace, workflowId, attempt });
    return { reference, ...(callId !== undefined && { callId }) };
  });
}
