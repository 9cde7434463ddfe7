import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Worker } from '@temporalio/worker';
import { startTruedy, type RunningTruedy } from 'temporal-truedy/testing';

let truedy: RunningTruedy;
before(async () => {
  truedy = await startTruedy();
});
after(() => truedy.stop());

void test('calls again if the line is busy', async () => {
  const { client, connection, simulator, taskQueue } = truedy;
  await simulator.plan('+14155550150', { phone: 'busy' }, { phone: 'answered' });
  const workflowsPath = require.resolve('./workflows');
  const worker = await Worker.create({ connection, taskQueue: 'orders', workflowsPath });
  const outcome = await worker.runUntil(
    client.workflow.execute('confirmOrder', {
      workflowId: 'confirm-4711',
      taskQueue: 'orders',
      args: ['4711', '+14155550150', taskQueue],
    }),
  );
  assert.equal(outcome, 'answered');
  assert.equal(simulator.dials().length, 2);
});
