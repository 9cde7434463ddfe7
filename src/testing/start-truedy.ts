import { randomBytes, randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { close, listen } from '../runtime/http-server';
import { currentEnvironment } from '../runtime/process';
import { createWebhookApp, WEBHOOK_PATH } from '../webhook/app';
import { createCorrelate } from '../webhook/correlate';
import { createSignal } from '../webhook/signal';
import type { TruedyPluginOptions } from '../workers/plugin';
import { readConverter, type TruedySettings } from '../workers/settings';
import { createTruedyWorkers } from '../workers/standalone';
import { startSimulator, type RunningSimulator } from './start-simulator';
import { startTemporalServer } from './start-temporal-server';

export interface StartTruedyOptions {
  /** A Temporal server that is running. Default: a new one. */
  readonly address?: string;
  /** Default `default`. */
  readonly namespace?: string;
  /** Whether to run the two Truedy workers. Default true. With `TruedyPlugin` in a worker of your own: false. */
  readonly workers?: boolean;
  /** Whether webhooks are sent. Default true. Without them, polling finds every result, later. */
  readonly webhooks?: boolean;
  /** Divides every wait of the workers. Default 100: a redial after one minute is dialed after 0.6 s. */
  readonly timeScale?: number;
  /** Divides the durations of a call. Default 20: a call ends 150 ms after it was placed. */
  readonly speed?: number;
  /** Called just before every dial. Default: always `yes`. */
  readonly mayDial?: TruedyPluginOptions['mayDial'];
}

/** Everything that a call needs, on free ports of 127.0.0.1 and on task queues of its own. */
export interface RunningTruedy {
  readonly client: Client;
  /** For workers of your own: `Worker.create({ connection, … })`. */
  readonly connection: NativeConnection;
  /** Of the Temporal server. */
  readonly address: string;
  /** For `startCall` and `callPerson`. */
  readonly taskQueue: string;
  /** For `TruedyPlugin` or `createWorkers`, if you run the workers yourself. */
  readonly settings: TruedySettings;
  readonly simulator: RunningSimulator;
  /**
   * Stops everything that was started. Workers of your own must have stopped before.
   *
   * @throws The error of the Truedy workers, if they failed.
   */
  stop(): Promise<void>;
}

/**
 * Starts a Temporal server, the simulator, the webhook bridge and the Truedy workers in this process, for tests. Data
 * is encrypted if `TRUEDY_ENCRYPTION_KEYS` is set.
 *
 * @throws Error if one of them cannot start. Those that were started are stopped.
 */
export async function startTruedy(options: StartTruedyOptions = {}): Promise<RunningTruedy> {
  const undo: (() => Promise<void>)[] = [];
  const stop = async () => {
    const steps = undo.splice(0).reverse();
    const failures: unknown[] = [];
    for (const step of steps) await step().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  };
  try {
    return { ...(await startParts(options, undo)), stop };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}

// --- internal ---

type Undo = (() => Promise<void>)[];

async function startParts(options: StartTruedyOptions, undo: Undo) {
  const { namespace = 'default', workers = true, mayDial = yes } = options;
  const address = options.address ?? (await startServer(undo));
  const connection = await NativeConnection.connect({ address });
  undo.push(() => connection.close());
  const dataConverter = readConverter({}, currentEnvironment());
  const client = new Client({ connection, namespace, ...(dataConverter && { dataConverter }) });
  const simulator = await startTruedyApi(client, options, undo);
  const taskQueue = `truedy-test-${randomUUID()}`;
  const settings: TruedySettings = {
    apiKey: API_KEY,
    baseUrl: simulator.baseUrl,
    taskQueue,
    apiTaskQueue: `${taskQueue}-api`,
    requestsPerMinute: 6_000,
    timeScale: options.timeScale ?? 100,
    searchAttributes: 'auto',
    // Versioned workers would receive nothing: on a new server no version is current.
    deploymentName: '',
    buildId: '',
  };
  if (workers) {
    const temporal = { connection, namespace };
    const truedy = await createTruedyWorkers({ ...settings, mayDial, temporal });
    const running = truedy.run();
    running.catch(() => undefined);
    undo.push(() => {
      truedy.shutdown();
      return running;
    });
  }
  return { client, connection, address, taskQueue, settings, simulator };
}

const API_KEY = 'truedy_test_0123456789';

const yes = async () => 'yes' as const;

async function startServer(undo: Undo): Promise<string> {
  const server = await startTemporalServer();
  undo.push(server.stop);
  return server.address;
}

/** Starts the bridge, and the simulator that sends its webhooks there. */
async function startTruedyApi(client: Client, options: StartTruedyOptions, undo: Undo) {
  const { webhooks = true, speed } = options;
  const webhookSecret = `whsec_test_${randomBytes(16).toString('hex')}`;
  const app = createWebhookApp({
    secrets: [webhookSecret],
    now: Date.now,
    correlate: createCorrelate(client, client.options.namespace),
    signal: createSignal(client),
  });
  const bridge = await listen(app, { host: '127.0.0.1', port: 0 });
  undo.push(() => close(bridge.server));
  const simulator = await startSimulator({
    apiKey: API_KEY,
    webhookSecret,
    ...(webhooks && { webhookUrl: `http://127.0.0.1:${bridge.port}${WEBHOOK_PATH}` }),
    ...(speed !== undefined && { speed }),
  });
  undo.push(() => simulator.stop());
  return simulator;
}
