import { randomUUID } from 'node:crypto';
import { Client, Connection, WithStartWorkflowOperation } from '@temporalio/client';
import type { CallResult } from '../../src/call/api-types';
import { METRICS, type Metric } from '../../src/call/metrics';
import { startChild, type Child } from '../../src/cli/demo/child';
import type { ContactAsk } from '../../src/call/contact/contact';
import {
  CONTACT_WORKFLOW_TYPE,
  optOut,
  releaseContact,
  reserveContact,
  WORKFLOW_TYPE,
} from '../../src/workflows/messages';
import { TRUEDY_PHASE } from '../../src/workflows/search-attributes';
import { freeAddress, scrape, type MetricsPage } from './metrics-page';
import { inputFor, until, type Ledger } from './rig';
import { PATIENT } from './steer';
import { testAddress } from './temporal';

/** A metric of the SDK. */
const FAILED_RUNS = 'temporal_workflow_failed';
const KEY = 'truedy_metrics_0123456789';
const SECRET = 'whsec_metrics_0123456789abcdef';

export type MetricsRig = Awaited<ReturnType<typeof startMetricsRig>>;

/**
 * Starts all processes as an operator would, and runs three calls: one that ends by webhook, one by polling, and one that
 * fails with an invalid input. A fourth call waits on a queue without workers, with the phase unclear. Two contacts are
 * sent messages. Then reads both metrics pages.
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
    TRUEDY_CONTACT_POLICY: '{"perDay":50}',
    TRUEDY_CONTACT_KEY: randomUUID(),
  });
  const run = (input: unknown): Promise<CallResult> =>
    client.workflow.execute(WORKFLOW_TYPE, {
      taskQueue,
      workflowId: `call/${randomUUID()}`,
      args: [input],
    });
  const poll = { completion: { mode: 'poll', pollEvery: '5s' } } as const;
  const byWebhook = await run(inputFor('+14155550101', PATIENT));
  const byPoll = await run(inputFor('+14155550113', poll));
  const failure = await run(inputFor('no number')).catch((error: Error) => error);
  const contacts = [await exceed(client, taskQueue), await optOutOnCall(client, taskQueue)];
  const ledger = (await (await fetch(new URL('/_sim/ledger', api))).json()) as Ledger;
  // The worker counts open calls soon after its start, and a failed run once the server has taken its last task.
  const worker = await until(async () => {
    const page = await scrape(addresses.worker);
    const isCounted =
      page.value(METRICS.callsOpen.name, { phase: 'held' }) !== undefined &&
      page.value(METRICS.contactOptOuts.name, { source: 'call' }) === 1;
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
      const open = [waiting, ...contacts];
      await Promise.all(open.map((id) => client.workflow.getHandle(id).terminate()));
      await connection.close();
      await Promise.all(children.map((child) => child.kill('SIGKILL')));
    },
  };
}

/**
 * Asks a contact as workers with different policies do, and reports a call that only one of them allows. Then opts the
 * person out.
 */
async function exceed(client: Client, taskQueue: string): Promise<string> {
  const workflowId = `contact/${randomUUID()}`;
  const nowMs = Date.now();
  const day = { startMs: nowMs - 3_600_000, endMs: nowMs + 3_600_000 };
  const ask = async (name: string, perDay: number, change: Partial<ContactAsk> = {}) => {
    const terms = { days: [day], weeks: [], leaseMs: 3_600_000, askAgainMs: 60_000 };
    const startWorkflowOperation = new WithStartWorkflowOperation(CONTACT_WORKFLOW_TYPE, {
      workflowId,
      taskQueue,
      workflowIdConflictPolicy: 'USE_EXISTING',
    });
    const sendByMs = Date.now() + 600_000;
    const args = [
      { reference: `default/call/${name}#1`, sendByMs, limits: { perDay }, ...terms, ...change },
    ] as const;
    await client.workflow.executeUpdateWithStart(reserveContact, {
      args: [...args],
      startWorkflowOperation,
    });
  };
  await ask('a', 1);
  await ask('b', 2);
  await ask('c', 1);
  const handle = client.workflow.getHandle(workflowId);
  const end = { dialed: true, outcome: 'answered', placedMs: nowMs, endedMs: nowMs } as const;
  await handle.signal(releaseContact, { reference: 'default/call/b#1', ...end });
  await handle.executeUpdate(optOut, { args: [{}] });
  await ask('d', 1);
  await ask('e', 1, { sendByMs: 0 });
  return workflowId;
}

/** Reports a call that ended with an opt-out. */
async function optOutOnCall(client: Client, taskQueue: string): Promise<string> {
  const workflowId = `contact/${randomUUID()}`;
  const reference = 'default/call/a#1';
  await client.workflow.signalWithStart(CONTACT_WORKFLOW_TYPE, {
    workflowId,
    taskQueue,
    signal: releaseContact,
    signalArgs: [{ reference, optOut: { reference, atMs: Date.now() } }],
  });
  return workflowId;
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
