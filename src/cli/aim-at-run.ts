import { WorkflowNotFoundError } from '@temporalio/client';
import { toReference } from '../call/attempt';
import { getCall } from '../workflows/messages';
import type { CommonFlags } from './common-flags';
import type { Aim } from './delivery-sample';
import { ask, handleOf, notFound, withTemporal } from './temporal';

/** The attempt a run is at, with the id it knows its call by: asked of Temporal. */
export async function aimAtRun(id: string, flags: CommonFlags): Promise<Aim> {
  return withTemporal(flags, async (temporal) => {
    const { client, namespace } = temporal;
    try {
      const view = await ask(temporal, () => handleOf(client, id).query(getCall));
      const { workflowId, attempt, callId } = view;
      const reference = toReference({ namespace, workflowId, attempt });
      return { reference, ...(callId !== undefined && { callId }) };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw notFound(id);
      throw error;
    }
  });
}
