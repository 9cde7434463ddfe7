import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { startTruedy, type RunningTruedy } from 'temporal-truedy/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

let truedy: RunningTruedy;
beforeAll(async () => {
  truedy = await startTruedy();
}, 60_000);
afterAll(() => truedy.stop());

test('calls again if the line is busy', async () => {
  const { client, connection, simulator, taskQueue } = truedy;
  await simulator.plan('+14155550150', { phone: 'busy' }, { phone: 'answered' });
  const workflowsPath = join(__dirname, 'workflows.ts');
  const worker = await Worker.create({ connection, taskQueue: 'orders', workflowsPath });
  const outcome = await worker.runUntil(
    client.workflow.execute('confirmOrder', {
      workflowId: 'confirm-4711',
      taskQueue: 'orders',
      args: ['4711', '+14155550150', taskQueue],
    }),
  );
  expect(outcome).toBe('answered');
  expect(simulator.dials()).toHaveLength(2);
}, 60_000);
