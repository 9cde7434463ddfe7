import { toReference } from '../../call/dial-request';
import type { CommonFlags } from '../shared/flags';
import type { Aim } from './sample';
import { handleOf, withTemporal } from '../shared/connect';
import { look } from '../call/watch';

/** The attempt a run is at, with the id it knows its call by: asked of Temporal. */
export async function aimAtRun(id: string, flags: CommonFlags): Promise<Aim> {
  return withTemporal(flags, async (temporal) => {
    const view = await look(temporal, await handleOf(temporal, id));
    const { workflowId, attempt, callId } = view;
    const reference = toReference({ namespace: temporal.namespace, workflowId, attempt });
    return { reference, ...(callId !== undefined && { callId }) };
  });
}
