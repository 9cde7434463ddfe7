import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import type { CallResult, CallView } from '../../../src/call/api-types';
import { startChild, type Child } from '../../../src/cli/demo/child';
import { startDevServer } from '../../../src/testing/dev-server/dev-server';
import { getCall, WORKFLOW_TYPE } from '../../../src/workflows/messages';
import type { Ledger, SimulatorRequest } from '../../support/rig';

const KEY = 'truedy_faults_0123456789';
/** Signs the simulator's deliveries. */
export const SECRET = 'whsec_faults_0123456789abcdef';

// With gRPC's defaults the client would reconnect to a restarted server only after half a minute.
const RECONNECT = {
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 500,
};

export type Cluster = Awaited<ReturnType<typeof startCluster>>;

export interface ClusterOptions {
  readonly timeScale?: number;
  readonly speed?: number;
  /** The target of the simulator's deliveries. Default: the bridge of the cluster. */
  readonly webhookUrl?: string;
  /** Further dynamic configuration of the server: `name=value`. */
  readonly dynamicConfig?: readonly string[];
  /** Stops every process when it aborts. */
  readonly signal?: AbortSignal;
}

/**
 * Starts a server with a database file, a simulator with a synced ledger, and a bridge, each as a separate process. The
 * rows add workers: on the common queues, or on their own queues if the workers will be killed.
 */
export async function startCluster(options: ClusterOptions = {}) {
  const ends: (() => Promise<unknown>)[] = [];
  // In reverse order, since processes may depend on earlier ones.
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    return await startAll(options, ends, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startAll(
  { timeScale = 100, speed = 10, webhookUrl, dynamicConfig = [], signal }: ClusterOptions,
  ends: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
) {
  const folder = await mkdtemp(join(tmpdir(), 'temporal-truedy-faults-'));
  ends.push(() => rm(folder, { recursive: true, force: true }));
  const ledgerFile = join(folder, 'ledger.jsonl');
  const dbFile = join(folder, 'temporal.db');
  const server = await startDevServer({ attach: false, dbFile, dynamicConfig });
  ends.push(() => server.stop());
  const temporal = { TEMPORAL_ADDRESS: server.address, LOG_LEVEL: 'warn' };
  const keep = async (entry: string, settings: Readonly<Record<string, string>>) => {
    const child = await startChild(entry, settings, signal && { signal });
    ends.push(() => child.kill('SIGKILL'));
    return child;
  };
  const startBridge = () =>
    keep('webhook/server', { ...temporal, WEBHOOK_PORT: '0', TRUEDY_WEBHOOK_SECRETS: SECRET });
  const bridge = await startBridge();
  const simulator = await keep('testing/simulator/server', {
    SIMULATOR_PORT: '0',
    SIMULATOR_EVENTS: 'call.started,call.joined,call.ended,call.failed',
    SIMULATOR_API_KEY: KEY,
    SIMULATOR_WEBHOOK_URL: webhookUrl ?? addressIn(bridge.ready),
    SIMULATOR_WEBHOOK_SECRET: SECRET,
    SIMULATOR_LEDGER: ledgerFile,
    SIMULATOR_SPEED: String(speed),
  });
  const baseUrl = addressIn(simulator.ready);
  const origin = new URL(baseUrl).origin;
  // The vendor's rate limit applies only in rows that set it.
  await post(`${origin}/_sim/plan`, { rateLimit: { perMinute: null } });
  const connection = await Connection.connect({ address: server.address, channelArgs: RECONNECT });
  ends.push(() => connection.close());
  const client = new Client({ connection });

  const cluster = {
    server,
    client,
    origin,
    folder,
    ledgerFile,
    /** The bridge that was started with the cluster. */
    bridge,
    startBridge,
    /** Starts a worker process. The result contains its queue. */
    async worker(
      taskQueue = `faults-${randomUUID()}`,
      settings: Readonly<Record<string, string>> = {},
      entry = '../test/faults/support/worker',
    ): Promise<Child & { taskQueue: string }> {
      const child = await keep(entry, {
        ...temporal,
        TRUEDY_API_KEY: KEY,
        TRUEDY_BASE_URL: baseUrl,
        TRUEDY_TASK_QUEUE: taskQueue,
        TRUEDY_API_TASK_QUEUE: `${taskQueue}-api`,
        TRUEDY_REQUESTS_PER_MINUTE: '6000',
        TRUEDY_TIME_SCALE: String(timeScale),
        ...settings,
      });
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
    /** The vendor's dials and posts of one call. */
    async seen(handle: { readonly workflowId: string }) {
      const { dials, posts } = await cluster.ledger();
      const isOurs = ({ ref }: { ref: string | null }) =>
        ref?.startsWith(`default/${handle.workflowId}#`) ?? false;
      return { dials: dials.filter(isOurs), posts: posts.filter(isOurs) };
    },
    /** Ends the call of a run: after 5 s of talk, or as a row says. */
    async hangUp(
      handle: { readonly workflowId: string },
      ending: object = { outcome: 'answered', duration_seconds: 5, endReason: 'hangup' },
    ): Promise<void> {
      const [dial] = (await cluster.seen(handle)).dials;
      await cluster.control(`calls/${dial?.callId}/end`, ending);
    },
    /** All dials that were synced to the ledger file. */
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
    stop,
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

/** The address in a ready line. */
export function addressIn(line: string): string {
  return /https?:\/\/\S+/.exec(line)?.[0] ?? '';
}
