import { createNexusServiceClient } from '@temporalio/workflow';
import { truedyService, type CallRequest, type CallResult } from '../../../src/workflow';

/** A workflow of another team, which knows only the endpoint. */
export async function NexusCaller(endpoint: string, request: CallRequest): Promise<CallResult> {
  const truedy = createNexusServiceClient({ endpoint, service: truedyService });
  return truedy.executeOperation('call', request, { scheduleToCloseTimeout: '40 days' });
}
