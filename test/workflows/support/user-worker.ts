import { randomUUID } from 'node:crypto';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { CallPersonOptions } from '../../../src/workflow';
import { testAddress } from '../../support/temporal';

export type UserWorker = Awaited<ReturnType<typeof startUserWorker>>;

/** The worker of a user's application: workflows of its own on a queue of its own, without plugins of ours. */
export async function startUserWorker(workflowsPath: string, namespace = 'default') {
  const connection = await NativeConnection.connect({ address: testAddress() });
  const taskQueue = `user-${randomUUID()}`;
  const worker = await Worker.create({ connection, namespace, taskQueue, workflowsPath });
  const client = new Client({ connection, namespace });
  const running = worker.run();
  return {
    client,
    async start(type: string, ...args: unknown[]): Promise<WorkflowHandle> {
      const workflowId = `order/${randomUUID()}`;
      return client.workflow.start(type, { taskQueue, workflowId, args });
    },
    call(input: unknown, options: CallPersonOptions): Promise<WorkflowHandle> {
      return this.start('Parent', input, options);
    },
    async stop(): Promise<void> {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}
