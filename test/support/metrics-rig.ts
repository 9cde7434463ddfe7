import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import type { CallResult } from '../../src/call/api-types';
import { METRICS, type Metric } from '../../src/call/metrics';
import { startChild, type Child } from '../../src/cli/demo/child';
import { WORKFLOW_TYPE } from '../../src/workflows/messages';
import { TRUEDY_PHASE } from '../../src/workflows/search-attributes';
import { freeAddress, scrape, type MetricsPage } from './metrics-page';
import { inputFor, until, type Ledger } from './rig';
import { testAddress } from './temporal';

/** A metric of the SDK. */
const FAILED_RUNS = 'temporal_workflow_failed';
const KEY = 'truedy_metrics_0123456789';
const SECRET = 'whsec_metrics_0123456789abcdef';

export type MetricsRig = Awaited<ReturnType<typeof startMetricsRig>>;

/**
 * Starts all processes as an operator would, and runs three calls: one that ends by webhook, one by polling, and one that
 * fails with an invalid input. A fourth call waits on a queue without workers, with the phase unclear. Then reads both
 * metrics pages.
 */
export async function startMetricsRig() {
  const connection = await Connection.connect({ address: testAddress() });
  const client = new Client({ connection });
  const children: Child[] = [];
  const start = async (entry: string, settings: Record<string, string>): Promise<string> => {
    const child = await startChild(entry, settings);
    children.push(child);
    return /https?:\/\/\S+/.exec(child.ready)?.[0] ?? '';
  };
  const waiting = await startUnclear(client);
  const temporal = { TEMPORAL_ADDRESS: testAddress(), LOG_LEVEL: 'warn' };
  const addresses = { worker: await freeAddress(), bridge: await freeAddress() };
  const deliveries = await start('webhook/server', {
    ...temporal,
    WEBHOOK_PORT: '0',
    TRUEDY_WEBHOOK_SECRETS: SECRET,
    METRICS_ADDRESS: addresses.bridge,
  });
  const api = await start('testing/simulator/server', {
    SIMULATOR_PORT: '0',
    SIMULATOR_API_KEY: KEY,
    SIMULATOR_WEBHOOK_URL: deliveries,
    SIMULATOR_WEBHOOK_SECRET: SECRET,
    SIMULATOR_SPEED: '10',
  });
  const taskQueue = `metrics-${randomUUID()}`;
  await start('worker', {
    ...temporal,
    TRUEDY_API_KEY: KEY,
    TRUEDY_BASE_URL: api,
    TRUEDY_TASK_QUEUE: taskQueue,
    TRUEDY_API_TASK_QUEUE: `${taskQueue}-api`,
    TRUEDY_TIME_SCALE: '100',
    METRICS_ADDRESS: addresses.worker,
  });
  const run = (input: unknown): Promise<CallResult> =>
    client.workflow.execute(WORKFLOW_TYPE, {
      taskQueue,
      workflowId: `call/${randomUUID()}`,
      args: [input],
    });
  const poll = { completion: { mode: 'poll', pollEvery: '5s' } } as const;
  const byWebhook = await run(inputFor('+14155550101'));
  const byPoll = await run(inputFor('+14155550113', poll));
  const failure = await run(inputFor('no number')).catch((error: Error) => error);
  const ledger = (await (await fetch(new URL('/_sim/ledger', api))).json()) as Ledger;
  // The worker counts open calls soon after its start, and a failed run once the server has taken its last task.
  const worker = await until(async () => {
    const page = await scrape(addresses.worker);
    const isCounted = page.value(METRICS.callsOpen.name, { phase: 'held' }) !== undefined;
    return isCounted && page.series.some(({ name }) => name === FAILED_RUNS) && page;
  });
  const bridge = await scrape(addresses.bridge);
  return {
    client,
    byWebhook,
    byPoll,
    failure,
    ledger,
    worker,
    bridge,
    /** The page of the process that exports a metric. */
    pageOf: ({ process }: Metric): MetricsPage => (process === 'worker' ? worker : bridge),
    async stop(): Promise<void> {
      await client.workflow.getHandle(waiting).terminate();
      await connection.close();
      await Promise.all(children.map((child) => child.kill('SIGKILL')));
    },
  };
}

/** Starts a run on a queue without workers, with the phase unclear in lists. */
async function startUnclear(client: Client): Promise<string> {
  const workflowId = `call/${randomUUID()}`;
  await client.workflow.start(WORKFLOW_TYPE, {
    taskQueue: `unpolled-${randomUUID()}`,
    workflowId,
    typedSearchAttributes: [{ key: TRUEDY_PHASE, value: 'unclear' }],
  });
  const query = `WorkflowId = '${workflowId}' AND TruedyPhase = 'unclear'`;
  await until(async () => (await client.workflow.count(query)).count === 1);
  return workflowId;
}
