import type { WorkflowHandle } from '@temporalio/client';
import { inputFor, until } from '../support/rig';
import { startCluster, type Cluster } from './support/cluster';
import { runRows, type Row } from './support/rows';

/** Operator actions on the activity that dials, which make the server dispatch it again. */
let cluster: Cluster;
let nextNumber = 8000;

const SHORT = { call_settings: { max_duration: '60s', join_timeout: '10s' } };

/** Acts while the request is pending, kills its worker, and starts another one. */
async function actAndKillWorker(act: (handle: WorkflowHandle) => Promise<unknown>): Promise<void> {
  const first = await cluster.worker();
  const number = `+1415555${nextNumber++}`;
  const plan = { webhooks: { events: [] }, post: { kind: 'slow', afterMs: 60_000 } };
  await cluster.plan({ numbers: { [number]: plan } });
  const handle = await cluster.start(first.taskQueue, inputFor(number, { call: SHORT }));
  await until(async () => (await cluster.seen(handle)).dials.length === 1);
  await act(handle);
  await first.kill('SIGKILL');
  await cluster.worker(first.taskQueue);
  const result = await cluster.result(handle);
  expect(result.attempts[0]).toMatchObject({ placedBy: 'listing', outcome: 'answered' });
  expect((await cluster.seen(handle)).posts).toHaveLength(1);
}

const of = ({ workflowId }: WorkflowHandle) => ({
  namespace: 'default',
  execution: { workflowId },
  type: 'placeCall',
  identity: 'operator',
});

const rows: readonly Row[] = [
  {
    id: 'attempts',
    rule: 'an operator raises the attempts, and the worker dies: adopted, 1 post',
    run: () =>
      actAndKillWorker((handle) =>
        cluster.client.workflowService.updateActivityOptions({
          ...of(handle),
          activityOptions: { retryPolicy: { maximumAttempts: 3 } },
          updateMask: { paths: ['retry_policy.maximum_attempts'] },
        }),
      ),
  },
  {
    id: 'reset',
    rule: 'an operator resets the activity, and the worker dies: adopted, 1 post',
    run: () =>
      actAndKillWorker((handle) => cluster.client.workflowService.resetActivity({ ...of(handle) })),
  },
];

runRows(rows, async () => {
  cluster = await startCluster();
});

afterAll(async () => {
  await cluster.stop();
});
