import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { CallEvent } from '../call/messages';
import { callEvent } from '../workflows/messages';
import { isInvalidArgument, TEMPORAL_LIMIT_MS } from './correlate';

/**
 * Hands news to a run. `finished`: no run of that id takes signals any more. `refused`: this run will not
 * take this signal, however often it is sent, such as one past its limit of signals.
 */
export type Signal = (
  workflowId: string,
  event: CallEvent,
) => Promise<'taken' | 'finished' | 'refused'>;

export function createSignal(client: Client): Signal {
  return async (workflowId, event) => {
    try {
      const handle = client.workflow.getHandle(workflowId);
      await client.withDeadline(Date.now() + TEMPORAL_LIMIT_MS, () =>
        handle.signal(callEvent, event),
      );
      return 'taken';
    } catch (error) {
      // A namespace that is gone has the same gRPC code; the client tells it apart by the status detail.
      if (error instanceof WorkflowNotFoundError) return 'finished';
      if (isInvalidArgument(error)) return 'refused';
      throw error;
    }
  };
}
