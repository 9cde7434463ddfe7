import { randomBytes } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { createTemporalClient, isServerNamed, readTemporalSettings } from '../../temporal/client';
import { startDevServer, type DevServer } from '../../testing/dev-server/dev-server';
import { isOnThisMachine } from '../../temporal/tcp-probe';
import { addSearchAttributes } from '../../temporal/search-attributes';
import { startChild, type Child } from './child';
import { colorsFor } from '../shared/colors';
import { withFlags, type CommonFlags } from '../shared/flags';
import { usageError } from '../shared/usage-error';

/** The processes and connections of the demo. */
export interface Stage {
  readonly run: string;
  readonly client: Client;
  readonly address: string;
  readonly taskQueue: string;
  readonly simulator: string;
  readonly paint: ReturnType<typeof colorsFor>;
  worker: Child;
  readonly newWorker: () => Promise<Child>;
}

/** What a part of the demo needs to clean up. */
export interface Cleanup {
  readonly undo: (() => Promise<void>)[];
  readonly signal: AbortSignal;
  readonly startedMs: number;
}

/** Starts a server, bridge, simulator and worker on free ports, and prints their addresses. */
export async function setUp(
  flags: CommonFlags & { readonly yes?: boolean },
  { undo, signal }: Cleanup,
  timeScale: number,
): Promise<Stage> {
  const paint = colorsFor(flags.color);
  const done = (what: string, text: string) =>
    say(`  ${paint.green('✓')} ${what.padEnd(13)} ${text}`);
  const run = randomBytes(4).toString('hex').slice(0, 6);
  const named = withFlags(process.env, flags);
  const server = await findServer(named, flags.yes ?? false);
  undo.push(server.stop);
  done('Temporal', `${server.address}  ${server.origin}`);
  const secret = `whsec_demo_${randomBytes(16).toString('hex')}`;
  const taskQueue = `truedy-demo-${run}`;
  const temporal = {
    TEMPORAL_ADDRESS: server.address,
    TEMPORAL_NAMESPACE: server.namespace,
    LOG_LEVEL: 'error',
  };
  const isOurs = server.pid !== undefined;
  const env = environmentOf(named, isOurs);
  const startPart = async (entry: string, settings: Readonly<Record<string, string>>) => {
    const child = await startChild(entry, settings, { env, signal });
    undo.push(() => child.kill('SIGKILL'));
    return child;
  };
  const bridge = await startPart('webhook/server', {
    ...temporal,
    TRUEDY_WEBHOOK_SECRETS: secret,
    WEBHOOK_PORT: '0',
  });
  const webhookUrl = addressIn(bridge.ready);
  const simulated = await startPart(
    'testing/simulator/server',
    simulatorSettings(webhookUrl, secret),
  );
  const baseUrl = addressIn(simulated.ready);
  done('Truedy API', `simulated on ${new URL(baseUrl).host}`);
  done('Webhooks', `${webhookUrl}  (signed with a new secret)`);
  const { client, connection } = createTemporalClient({ ...env, ...temporal });
  undo.push(() => connection.close());
  // Our own server already has the search attributes. A server on another machine is not changed.
  if (!isOurs && isOnThisMachine(server.address))
    await addSearchAttributes(connection, server.namespace);
  const newWorker = () =>
    startPart('cli/demo/worker', { ...temporal, ...workerSettings(baseUrl, taskQueue, timeScale) });
  const worker = await newWorker();
  done('Worker', `polls ${taskQueue} and ${taskQueue}-api`);
  const link = linkTo(server, run);
  if (link !== undefined) say(`  ${paint.cyan('→')} Watch it      ${link}`);
  const { address } = server;
  const simulator = new URL(baseUrl).origin;
  return { run, client, address, taskQueue, simulator, paint, worker, newWorker };
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

// --- internal ---

/** Our own server needs no key or certificate, and this run sets its own queues and timing. */
function environmentOf(named: NodeJS.ProcessEnv, isOurs: boolean): NodeJS.ProcessEnv {
  const untimed = without(named, /^(TRUEDY_|SIMULATOR_|WEBHOOK_|HEALTH_PORT$|METRICS_ADDRESS$)/);
  return isOurs ? without(untimed, /^TEMPORAL_/) : untimed;
}

function simulatorSettings(webhookUrl: string, secret: string) {
  return {
    SIMULATOR_PORT: '0',
    SIMULATOR_EVENTS: 'call.started,call.joined,call.ended,call.failed',
    SIMULATOR_WEBHOOK_URL: webhookUrl,
    SIMULATOR_WEBHOOK_SECRET: secret,
    SIMULATOR_API_KEY: 'truedy_demo',
    SIMULATOR_LEDGER: '',
  };
}

function workerSettings(baseUrl: string, taskQueue: string, timeScale: number) {
  return {
    TRUEDY_API_KEY: 'truedy_demo',
    TRUEDY_BASE_URL: baseUrl,
    TRUEDY_TASK_QUEUE: taskQueue,
    TRUEDY_API_TASK_QUEUE: `${taskQueue}-api`,
    TRUEDY_REQUESTS_PER_MINUTE: '600',
    TRUEDY_TIME_SCALE: String(timeScale),
  };
}

/** Uses the server that the environment names, or starts one. A server on another machine needs `--yes`. */
async function findServer(env: NodeJS.ProcessEnv, yes: boolean): Promise<DevServer> {
  if (!isServerNamed(env))
    return startDevServer({ env, ui: true, say: (line) => say(`    ${line}`) });
  const { address } = readTemporalSettings(env);
  if (isOnThisMachine(address) || yes) return startDevServer({ env });
  throw usageError(
    `TT3005  Temporal at ${address} is not on this machine, so the demo did not start. To run it there:`,
    'npm run demo -- --yes',
  );
}

function without(env: NodeJS.ProcessEnv, names: RegExp): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.test(name)));
}

function linkTo({ uiAddress, namespace }: DevServer, run: string): string | undefined {
  if (uiAddress === undefined) return undefined;
  const query = encodeURIComponent(`WorkflowId STARTS_WITH "call/demo-${run}"`);
  return `${uiAddress}/namespaces/${namespace}/workflows?query=${query}`;
}

function addressIn(line: string): string {
  return /https?:\/\/\S+/.exec(line)?.[0] ?? '';
}
