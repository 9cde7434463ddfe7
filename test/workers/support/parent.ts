import { executeChild } from '@temporalio/workflow';

/** A workflow of a user, who knows only the workflow type and the task queue. */
export async function Parent(key: string, taskQueue: string, input: unknown): Promise<unknown> {
  return executeChild('OutboundCallWorkflow', {
    workflowId: `call/${key}`,
    taskQueue,
    args: [input],
  });
}
