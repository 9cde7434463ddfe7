import { WorkflowClient, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { CallEvent } from '../call/api-types';
import { callEvent } from '../workflows/messages';
import { isInvalidArgument, TEMPORAL_LIMIT_MS } from '../temporal/grpc-status';

/**
 * Signals an event to a run. `finished`: no run with this id accepts signals. `refused`: the run will never accept
 * this signal, for example because it has reached its limit of signals.
 */
export type Signal = (
  workflowId: string,
  event: CallEvent,
  /** Temporal drops a second signal with the same request id. */
  requestId: string,
) => Promise<'taken' | 'finished' | 'refused'>;

/** The parts of a `Client` that find and signal runs. Its workflow client decides the namespace. */
export type RunsClient = Pick<Client, 'workflow' | 'withDeadline'>;

export function createSignal(client: RunsClient): Signal {
  return async (workflowId, event, requestId) => {
    try {
      const handle = withRequestId(client.workflow, requestId).getHandle(workflowId);
      await client.withDeadline(Date.now() + TEMPORAL_LIMIT_MS, () =>
        handle.signal(callEvent, event),
      );
      return 'taken';
    } catch (error) {
      // A missing namespace has the same gRPC code. The client distinguishes it by the status details.
      if (error instanceof WorkflowNotFoundError) return 'finished';
      if (isInvalidArgument(error)) return 'refused';
      throw error;
    }
  };
}

// --- internal ---

/**
 * A client that sends its signals with this request id. The SDK generates an id per signal and offers no option, so
 * the gRPC request is changed as it is sent. Codecs, interceptors and errors stay those of the SDK.
 */
function withRequestId(client: WorkflowClient, requestId: string): WorkflowClient {
  const service = client.workflowService;
  const send = (request: SignalRequest) =>
    service.signalWorkflowExecution({ ...request, requestId });
  const workflowService = withMember(service, 'signalWorkflowExecution', send);
  const connection = withMember(client.connection, 'workflowService', workflowService);
  return new WorkflowClient({ ...client.options, connection });
}

type SignalRequest = Parameters<WorkflowClient['workflowService']['signalWorkflowExecution']>[0];

/** The object with one member replaced. A proxy, because a copy would lose the members of its class. */
function withMember<T extends object>(object: T, name: keyof T, value: unknown): T {
  return new Proxy(object, {
    get: (target, key): unknown => (key === name ? value : Reflect.get(target, key, target)),
  });
}
