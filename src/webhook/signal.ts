import { WorkflowClient, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { CallEvent } from '../call/api-types';
import { callEvent } from '../workflows/messages';
import { isInvalidArgument, TEMPORAL_LIMIT_MS } from '../temporal/grpc-status';

/**
 * Hands news to a run. `finished`: no run of that id takes signals any more. `refused`: this run will not
 * take this signal, however often it is sent, such as one past its limit of signals.
 */
export type Signal = (
  workflowId: string,
  event: CallEvent,
  /** Of the delivery: the server drops a second signal with the same one. */
  requestId: string,
) => Promise<'taken' | 'finished' | 'refused'>;

export function createSignal(client: Client): Signal {
  return async (workflowId, event, requestId) => {
    try {
      const handle = withRequestId(client.workflow, requestId).getHandle(workflowId);
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

// --- internal ---

/**
 * The client with one request id for the signals it sends. The SDK would give each a new one and takes
 * none from us, so its request is changed where it leaves; codec, interceptors and errors stay its own.
 */
function withRequestId(client: WorkflowClient, requestId: string): WorkflowClient {
  const service = client.workflowService;
  const send = (request: SignalRequest) =>
    service.signalWorkflowExecution({ ...request, requestId });
  const workflowService = replacing(service, 'signalWorkflowExecution', send);
  const connection = replacing(client.connection, 'workflowService', workflowService);
  return new WorkflowClient({ ...client.options, connection });
}

type SignalRequest = Parameters<WorkflowClient['workflowService']['signalWorkflowExecution']>[0];

/** The object with one member of another value. A copy would lose what stands in its class. */
function replacing<T extends object>(of: T, name: keyof T, value: unknown): T {
  return new Proxy(of, {
    get: (target, asked): unknown => (asked === name ? value : Reflect.get(target, asked, target)),
  });
}
