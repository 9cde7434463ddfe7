import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { startChild, type Child } from '../src/cli/demo/child';
import type { DevServer } from '../src/testing/dev-server/dev-server';
import { WORKFLOW_TYPE } from '../src/workflows/messages';

const KEY = 'truedy_bench_0123456789';
const SECRET = 'whsec_bench_0123456789abcdef';
/** The simulator's phones are so much faster than real ones: a call of three minutes takes nine seconds. */
export const SPEED = 20;
const CALL_MS = 180_000;
/** A first draft polls every five seconds. */
export const POLL_MS = 5_000 / SPEED;

export const KINDS = ['product', 'bare', 'naive'] as const;
export type Kind = (typeof KINDS)[number];

/** One implementation of the same job, with a simulator of its own. */
export interface Contender {
  readonly kind: Kind;
  /** The processes whose CPU time counts, besides the server. */
  readonly pids: readonly number[];
  /** The process that stands for Truedy. */
  readonly vendorPid: number;
  readonly bridge: string | undefined;
  start(client: Client, phoneNumber: string): Promise<WorkflowHandle>;
  /** How many requests Truedy has received. */
  requests(): Promise<number>;
  stop(): Promise<void>;
}

export async function startContender(kind: Kind, server: DevServer): Promise<Contender> {
  const children: Child[] = [];
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
  const bridgeUrl = bridge && addressIn(bridge.ready);
  const vendor = await run('testing/simulator/server', {
    SIMULATOR_PORT: '0',
    SIMULATOR_EVENTS: 'call.ended',
    SIMULATOR_API_KEY: KEY,
    SIMULATOR_WEBHOOK_SECRET: SECRET,
    SIMULATOR_SPEED: String(SPEED),
    ...(bridgeUrl !== undefined && { SIMULATOR_WEBHOOK_URL: bridgeUrl }),
  });
  const baseUrl = addressIn(vendor.ready);
  const { origin } = new URL(baseUrl);
  await post(`${origin}/_sim/plan`, {
    rateLimit: { perMinute: null },
    defaults: { phone: 'answered', times: { ringMs: 2_000, joinMs: 6_000, endMs: CALL_MS } },
  });
  const worker = await run(kind === 'product' ? 'worker' : '../bench/worker', {
    ...temporal,
    BENCH_KIND: kind,
    TRUEDY_API_KEY: KEY,
    TRUEDY_BASE_URL: baseUrl,
    TRUEDY_TASK_QUEUE: taskQueue,
    TRUEDY_API_TASK_QUEUE: `${taskQueue}-api`,
    TRUEDY_REQUESTS_PER_MINUTE: '60000',
    TRUEDY_TIME_SCALE: String(SPEED),
  });
  return {
    kind,
    pids: [worker.pid, ...(bridge === undefined ? [] : [bridge.pid])],
    vendorPid: vendor.pid,
    bridge: bridgeUrl,
    start: (client, phoneNumber) => {
      const call = { agent_id: 'agent_1', phone_number: phoneNumber };
      const workflowId = `${kind}/${randomUUID()}`;
      const [type, args] = ARGUMENTS[kind](call);
      return client.workflow.start(type, { taskQueue, workflowId, args });
    },
    async requests() {
      const log: unknown = await (await fetch(`${origin}/_sim/log`)).json();
      const { requests } = Object(log) as { requests?: readonly unknown[] };
      return requests?.length ?? 0;
    },
    async stop() {
      for (const child of children.reverse()) await child.kill('SIGKILL');
    },
  };
}

// --- internal ---

const ARGUMENTS = {
  product: (call: object): [string, unknown[]] => [WORKFLOW_TYPE, [{ call }]],
  bare: (call: object): [string, unknown[]] => ['BareCall', [call]],
  naive: (call: object): [string, unknown[]] => ['NaiveCall', [call, POLL_MS]],
};

function addressIn(line: string): string {
  return /https?:\/\/\S+/.exec(line)?.[0] ?? '';
}

async function post(url: string, body: object): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url}: ${await answer.text()}`);
}
