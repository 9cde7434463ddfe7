import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { startChild, type Child } from '../src/cli/demo/child';
import type { DevServer } from '../src/testing/dev-server/dev-server';
import { WORKFLOW_TYPE } from '../src/workflows/messages';
import { fieldsOf } from './requests';

const KEY = 'truedy_bench_0123456789';
export const SECRET = 'whsec_bench_0123456789abcdef';
/** The simulator's phones are so much faster than real ones: a call of three minutes takes nine seconds. */
const SPEED = 20;
const CALL_MS = 180_000;
/** A first draft polls every five seconds. */
const POLL_MS = 5_000 / SPEED;

export const KINDS = ['product', 'bare', 'naive'] as const;
export type Kind = (typeof KINDS)[number];

/** A process that turns deliveries into signals. */
export interface Bridge {
  readonly url: string;
  readonly pid: number;
}

/** One implementation of the same job, with a simulator of its own. */
export interface Contender {
  readonly kind: Kind;
  readonly taskQueue: string;
  readonly workerPid: number;
  /** The bridge, if the implementation has one. */
  readonly bridge: Bridge | undefined;
  /** The process that stands for Truedy. */
  readonly vendorPid: number;
  /** Where that process is controlled. */
  readonly vendorUrl: string;
  start(client: Client, phoneNumber: string): Promise<WorkflowHandle>;
  /** How many requests Truedy has received. */
  requests(): Promise<number>;
  killWorker(): Promise<void>;
  startWorker(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it. Leaves no process behind if a part of it does not start. */
export async function startContender(kind: Kind, server: DevServer): Promise<Contender> {
  const children: Child[] = [];
  const stop = async () => {
    for (const child of children.splice(0).reverse()) await child.kill('SIGKILL');
  };
  try {
    return Object.assign(await startParts(kind, server, children), { stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

// --- internal ---

async function startParts(
  kind: Kind,
  server: DevServer,
  children: Child[],
): Promise<Omit<Contender, 'stop'>> {
  const run = async (entry: string, settings: Readonly<Record<string, string>>) => {
    const child = await startChild(entry, settings);
    children.push(child);
    return child;
  };
  const temporal = { TEMPORAL_ADDRESS: server.address, LOG_LEVEL: 'warn' };
  const taskQueue = `bench-${kind}`;
  const bridgeEntry = kind === 'bare' ? '../bench/bare/bridge' : 'webhook/server';
  const bridge =
    kind === 'naive'
      ? undefined
      : await run(bridgeEntry, {
          ...temporal,
          WEBHOOK_PORT: '0',
          TRUEDY_WEBHOOK_SECRETS: SECRET,
        });
  const vendor = await run('testing/simulator/server', {
    SIMULATOR_PORT: '0',
    SIMULATOR_EVENTS: 'call.ended',
    SIMULATOR_API_KEY: KEY,
    SIMULATOR_WEBHOOK_SECRET: SECRET,
    SIMULATOR_SPEED: String(SPEED),
    SIMULATOR_WEBHOOK_URL: bridge === undefined ? '' : addressIn(bridge.ready),
  });
  const baseUrl = addressIn(vendor.ready);
  const { origin } = new URL(baseUrl);
  await post(`${origin}/_sim/plan`, {
    rateLimit: { perMinute: null },
    defaults: { phone: 'answered', times: { ringMs: 2_000, joinMs: 6_000, endMs: CALL_MS } },
  });
  const startWorker = () =>
    run(kind === 'product' ? 'worker' : '../bench/worker', {
      ...temporal,
      BENCH_KIND: kind,
      TRUEDY_API_KEY: KEY,
      TRUEDY_BASE_URL: baseUrl,
      TRUEDY_TASK_QUEUE: taskQueue,
      TRUEDY_API_TASK_QUEUE: `${taskQueue}-api`,
      TRUEDY_REQUESTS_PER_MINUTE: '6000',
      TRUEDY_TIME_SCALE: String(SPEED),
    });
  let worker = await startWorker();
  return {
    kind,
    taskQueue,
    get workerPid() {
      return worker.pid;
    },
    vendorUrl: origin,
    killWorker: () => worker.kill('SIGKILL'),
    async startWorker() {
      worker = await startWorker();
    },
    bridge: bridge && { url: addressIn(bridge.ready), pid: bridge.pid },
    vendorPid: vendor.pid,
    start: (client, phoneNumber) => {
      const call = { agent_id: 'agent_1', phone_number: phoneNumber };
      // The prefix tells the product's bridge whose run it is.
      const workflowId = `call/${kind}-${randomUUID()}`;
      const [type, args] = ARGUMENTS[kind](call);
      return client.workflow.start(type, { taskQueue, workflowId, args });
    },
    async requests() {
      const { requests } = fieldsOf(await (await fetch(`${origin}/_sim/log`)).json());
      return Array.isArray(requests) ? requests.length : 0;
    },
  };
}

const ARGUMENTS = {
  product: (call: object): [string, unknown[]] => [WORKFLOW_TYPE, [{ call }]],
  bare: (call: object): [string, unknown[]] => ['BareCall', [call]],
  naive: (call: object): [string, unknown[]] => ['NaiveCall', [call, POLL_MS]],
};

function addressIn(line: string): string {
  return /https?:\/\/\S+/.exec(line)?.[0] ?? '';
}

/** @throws Error that quotes the answer, unless it is 2xx. */
export async function post(url: string, body: object): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url}: ${await answer.text()}`);
}
