import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import type { CallResult, CallView } from '../../../src/call/messages';
import { startChild, type Child } from '../../../src/cli/child';
import { startDevServer } from '../../../src/temporal/dev-server';
import { getCall, WORKFLOW_TYPE } from '../../../src/workflows/messages';
import type { Ledger, SimulatorRequest } from '../../support/rig';

const KEY = 'truedy_faults_0123456789';
const SECRET = 'whsec_faults_0123456789abcdef';

export type Cluster = Awaited<ReturnType<typeof startCluster>>;

/**
 * A server on a file, a simulator with a synced ledger, and a bridge, each a process of its own. Workers
 * are added by the rows: on the common queues, or on queues of their own where they are to be killed.
 */
export async function startCluster({ timeScale = 100, speed = 10 } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'temporal-truedy-faults-'));
  const ledgerFile = join(folder, 'ledger.jsonl');
  const server = await startDevServer({ attach: false, dbFile: join(folder, 'temporal.db') });
  const temporal = { TEMPORAL_ADDRESS: server.address, LOG_LEVEL: 'warn' };
  const children: Child[] = [];
  const keep = (child: Child) => {
    children.push(child);
    return child;
  };
  const bridge = keep(
    await startChild('webhook/server', {
      ...temporal,
      WEBHOOK_PORT: '0',
      TRUEDY_WEBHOOK_SECRETS: SECRET,
    }),
  );
  const simulator = keep(
    await startChild('simulator/server', {
      SIMULATOR_PORT: '0',
      SIMULATOR_EVENTS: 'call.started,call.joined,call.ended,call.failed',
      SIMULATOR_API_KEY: KEY,
      SIMULATOR_WEBHOOK_URL: addressIn(bridge.ready),
      SIMULATOR_WEBHOOK_SECRET: SECRET,
      SIMULATOR_LEDGER: ledgerFile,
      SIMULATOR_SPEED: String(speed),
    }),
  );
  const baseUrl = addressIn(simulator.ready);
  const origin = new URL(baseUrl).origin;
  // The rows meet the vendor's limit only where they ask for it.
  await post(`${origin}/_sim/plan`, { rateLimit: { perMinute: null } });
  const connection = await Connection.connect({ address: server.address });
  const client = new Client({ connection });

  const cluster = {
    server,
    client,
    origin,
    /** Starts a worker process; the answer names its queue. */
    async worker(
      taskQueue = `faults-${randomUUID()}`,
      settings: Readonly<Record<string, string>> = {},
    ): Promise<Child & { taskQueue: string }> {
      const child = keep(
        await startChild('../test/faults/support/worker', {
          ...temporal,
          TRUEDY_API_KEY: KEY,
          TRUEDY_BASE_URL: baseUrl,
          TRUEDY_TASK_QUEUE: taskQueue,
          TRUEDY_API_TASK_QUEUE: `${taskQueue}-api`,
          TRUEDY_REQUESTS_PER_MINUTE: '6000',
          TRUEDY_TIME_SCALE: String(timeScale),
          ...settings,
        }),
      );
      return { ...child, taskQueue };
    },
    start(
      taskQueue: string,
      input: unknown,
      workflowId = `call/${randomUUID()}`,
    ): Promise<WorkflowHandle> {
      return client.workflow.start(WORKFLOW_TYPE, { taskQueue, workflowId, args: [input] });
    },
    view(handle: WorkflowHandle): Promise<CallView> {
      return handle.query(getCall);
    },
    async plan(plan: object): Promise<void> {
      await post(`${origin}/_sim/plan`, plan);
    },
    control(path: string, body: object): Promise<unknown> {
      return post(`${origin}/_sim/${path}`, body);
    },
    async ledger(): Promise<Ledger> {
      return (await fetch(`${origin}/_sim/ledger`)).json() as Promise<Ledger>;
    },
    async requests(): Promise<readonly SimulatorRequest[]> {
      const log = (await (await fetch(`${origin}/_sim/log`)).json()) as {
        requests: SimulatorRequest[];
      };
      return log.requests;
    },
    /** What the vendor saw of one conversation: dials and posts. */
    async seen(handle: { readonly workflowId: string }) {
      const { dials, posts } = await cluster.ledger();
      const isOurs = ({ ref }: { ref: string | null }) =>
        ref?.startsWith(`default/${handle.workflowId}#`) ?? false;
      return { dials: dials.filter(isOurs), posts: posts.filter(isOurs) };
    },
    /** The dials of the file itself, as many as were ever synced to disk. */
    async ledgerLines(): Promise<readonly { ref: string }[]> {
      const text = await readFile(ledgerFile, 'utf8').catch(() => '');
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as { ref: string });
    },
    async result(handle: WorkflowHandle): Promise<CallResult> {
      return handle.result();
    },
    async stop(): Promise<void> {
      await connection.close();
      await Promise.all(children.map((child) => child.kill('SIGKILL')));
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return cluster;
}

async function post(url: string, body: object): Promise<unknown> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url}: ${await answer.text()}`);
  return answer.json();
}

function addressIn(line: string): string {
  return /https?:\/\/\S+/.exec(line)?.[0] ?? '';
}
