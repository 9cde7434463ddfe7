import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from '../../src/activities';
import { WORKFLOW_TYPE } from '../../src/workflows/messages';
import { server, vendor } from '../activities/support/environment';
import { inputFor } from '../support/rig';
import { testAddress } from '../support/temporal';

const FAILURES = 6;

it('a local activity that fails six times succeeds on the seventh try', async () => {
  const connection = await NativeConnection.connect({ address: testAddress() });
  const taskQueue = `activities-${randomUUID()}`;
  const activities = createActivities({
    truedy: vendor(),
    server: server(),
    mayDial: async () => 'yes',
    facts: { apiTaskQueue: taskQueue, searchAttributes: false, timeScale: 1 },
  });
  let tries = 0;
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowsPath: require.resolve('../../src/workflows'),
    activities: {
      ...activities,
      prepareCall: async (input: unknown) => {
        tries += 1;
        if (tries <= FAILURES) throw new Error('overloaded');
        return activities.prepareCall(input);
      },
    },
  });
  const client = new Client({ connection });
  const result = await worker.runUntil(
    client.workflow.execute(WORKFLOW_TYPE, {
      taskQueue,
      workflowId: `call/${randomUUID()}`,
      args: [inputFor('+14155550101', { expiresAt: '2026-01-01T00:00:00Z' })],
    }),
  );
  expect(result).toMatchObject({ outcome: 'expired' });
  expect(tries).toBe(FAILURES + 1);
  await connection.close();
});
