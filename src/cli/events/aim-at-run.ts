import { toReference } from '../../call/dial-request';
import type { CommonFlags } from '../shared/flags';
import type { Target } from './sample';
import { handleOf, withTemporal } from '../shared/connect';
import { readView } from '../call/watch';

/** Queries a run for its current attempt and call id. */
export async function aimAtRun(id: string, flags: CommonFlags): Promise<Target> {
  return withTemporal(flags, async (temporal) => {
    const view = await readView(temporal, await handleOf(temporal, id));
    const { workflowId, attempt, callId } = view;
    const reference = toReference({ namespace: temporal.namespace, workflowId, attempt });
    return { reference, ...(callId !== undefined && { callId }) };
  });
}
