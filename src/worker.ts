import { once } from 'node:events';
import { serve } from '@hono/node-server';
import { Client } from '@temporalio/client';
import { makeTelemetryFilterString, Worker, type NativeConnection } from '@temporalio/worker';
import { createActivities, type MayDial } from './activities';
import { sendLimits } from './call/pace';
import { readWorkerConfig, unknownSettings, type WorkerConfig } from './config';
import { createDialCheck } from './dial-check';
import { createHealth } from './health';
import { createLogger, toTemporalLogger, type Logger } from './log';
import { cannotListen, loadEnvironment, runMain, untilStopped } from './process';
import { countOpenCalls } from './temporal/open-calls';
import { repeat, within } from './temporal/repeat';
import { missingSearchAttributes } from './temporal/search-attributes';
import { watchTemporal, type Watch, type WatchOptions } from './temporal/watch';
import { connectWorker } from './temporal/worker-connection';
import { createTruedyClient, type TruedyClient } from './truedy/client';
import { createWorkerMetrics, installWithMetrics, type WorkerMetrics } from './worker-metrics';

const COUNT_EVERY_MS = 30_000;
const COUNT_LIMIT_MS = 20_000;

/** What a program of its own may change about the workers it runs. */
export interface WorkerOptions {
  /** Default: one by the settings. */
  readonly truedy?: TruedyClient;
  /** Asked just before every dial. Default: always yes. */
  readonly mayDial?: MayDial;
  /** How long an event waits for the worker that holds the run in its cache. The SDK's default is 10 s. */
  readonly stickyQueueScheduleToStartTimeout?: string;
  /** How often the server is pinged, and how old its last answer may be. Default 10 s and 30 s. */
  readonly watch?: Pick<WatchOptions, 'everyMs' | 'freshMs'>;
}

/** The two workers of one process, not yet running. */
export interface Workers {
  /** Resolves once both have stopped; rejects when one fails. */
  run(): Promise<void>;
  shutdown(): void;
  /** Why they would take no work now; empty when they would. */
  because(): readonly string[];
  /** False once one has failed or both have stopped: nothing will come of this process any more. */
  isLive(): boolean;
  readonly metrics: WorkerMetrics;
  /** Whether lists of the namespace tell the phase of a call. */
  readonly hasSearchAttributes: boolean;
}

/**
 * Builds the worker of the workflows and the worker of every request to Truedy.
 *
 * The server enforces the fleet's rate on the second one's queue, so all workers have to be set to the same rate.
 */
export async function createWorkers(
  config: WorkerConfig,
  temporal: { readonly connection: NativeConnection; readonly namespace: string },
  log: Logger,
  options: WorkerOptions = {},
): Promise<Workers> {
  const { connection, namespace } = temporal;
  const metrics = createWorkerMetrics(namespace, config.taskQueue);
  const searchAttributes = await hasSearchAttributes(config, temporal, log);
  const activities = createActivities({
    truedy: options.truedy ?? createTruedyClient({ ...config, onAnswer: metrics.answered }),
    facts: {
      apiTaskQueue: config.apiTaskQueue,
      searchAttributes,
      timeScale: config.timeScale,
    },
    hasOtherRun: otherRunLookup(new Client({ connection, namespace })),
    mayDial: options.mayDial ?? dialCheckOf(config),
  });
  const { stickyQueueScheduleToStartTimeout } = options;
  const calls = await Worker.create({
    connection,
    namespace,
    taskQueue: config.taskQueue,
    workflowsPath: require.resolve('./workflows'),
    activities,
    enableNonLocalActivities: false,
    ...(stickyQueueScheduleToStartTimeout && { stickyQueueScheduleToStartTimeout }),
  });
  const api = await Worker.create({
    connection,
    namespace,
    taskQueue: config.apiTaskQueue,
    activities,
    maxTaskQueueActivitiesPerSecond: config.requestsPerMinute / 60,
    // A deploy must not cut a request that rings: its answer is awaited.
    shutdownGraceTime: sendLimits(config.timeScale).startToCloseMs + 10_000,
  });
  const both = [calls, api];
  return {
    run: async () => {
      await Promise.all(both.map((worker) => worker.run()));
    },
    shutdown: () => {
      for (const worker of both) if (worker.getState() === 'RUNNING') worker.shutdown();
    },
    because: () =>
      both
        .filter((worker) => worker.getState() !== 'RUNNING')
        .map((worker) => `worker of ${worker.options.taskQueue} is ${worker.getState()}`),
    isLive: () => {
      const states = both.map((worker) => worker.getState());
      // One that has nothing under way stops at once, while the other still awaits the answer to a dial.
      return !states.includes('FAILED') && states.some((state) => state !== 'STOPPED');
    },
    metrics,
    hasSearchAttributes: searchAttributes,
  };
}

/**
 * Makes the SDK log where we log. Once in a process, before anything else of the SDK.
 *
 * @throws SettingsError where the page of metrics cannot be served at its address.
 */
export function installRuntime(log: Logger, metricsAddress?: WorkerConfig['metricsAddress']): void {
  const filter = makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' });
  installWithMetrics(
    {
      logger: toTemporalLogger(log),
      telemetryOptions: { logging: { filter, forward: {} } },
      shutdownSignals: [],
    },
    metricsAddress,
  );
}

/** One worker process, from its settings to its end. */
export async function runWorker(options: WorkerOptions = {}): Promise<void> {
  const env = loadEnvironment();
  const config = readWorkerConfig(env);
  const log = createLogger({ name: 'worker', level: config.logLevel });
  for (const line of unknownSettings(env)) log.warn(line);
  if (config.timeScale !== 1) log.warn({ timeScale: config.timeScale }, 'waits are shortened');
  installRuntime(log, config.metricsAddress);
  const temporal = await connectWorker(env);
  const workers = await createWorkers(config, temporal, log, options);
  const { connection } = temporal;
  const watch = watchTemporal({
    ...options.watch,
    ping: () => connection.workflowService.getSystemInfo({}),
    onPing: workers.metrics.reachable,
  });
  const stopCounting = showOpenCalls(config, temporal, workers, log);
  const health = await serveHealth(config, workers, watch);
  const running = workers.run();
  const queues = `${config.taskQueue} and ${config.apiTaskQueue}`;
  const ready = `Worker ready on ${queues} (${temporal.namespace} at ${temporal.address})`;
  const stopped = untilStopped(async () => {
    workers.shutdown();
    await running;
  }, ready);
  await Promise.race([stopped, running]);
  await running;
  health?.close();
  watch.stop();
  stopCounting();
  await connection.close();
}

// --- internal ---

function dialCheckOf(config: WorkerConfig): MayDial {
  const { dialCheckUrl: url, dialCheckKey, dialCheckTellsNumber: tellNumber, apiKey } = config;
  if (url === undefined) return () => Promise.resolve('yes');
  // Every worker has to tell a number alike; without a key of its own the account's serves.
  return createDialCheck({ url, hashKey: dialCheckKey ?? apiKey, tellNumber });
}

async function hasSearchAttributes(
  config: WorkerConfig,
  { connection, namespace }: { connection: NativeConnection; namespace: string },
  log: Logger,
): Promise<boolean> {
  if (config.searchAttributes !== 'auto') return config.searchAttributes === 'on';
  const missing = await missingSearchAttributes(connection, namespace);
  if (missing.length === 0) return true;
  log.warn({ namespace, missing }, 'TT1010 calls run without search attributes: lists show none');
  return false;
}

/** Whether visibility knows another run under the id: terminated, reset or closed, it may have dialled. */
function otherRunLookup(client: Client) {
  return async (workflowId: string, runId: string): Promise<boolean> => {
    const quoted = workflowId.replace(/[\\']/g, (sign) => `\\${sign}`);
    for await (const run of client.workflow.list({ query: `WorkflowId = '${quoted}'` })) {
      if (run.runId !== runId) return true;
    }
    return false;
  };
}

/** Counts open calls for the page of metrics, where there is one and lists know their phases. */
function showOpenCalls(
  { metricsAddress }: WorkerConfig,
  { connection, namespace }: { connection: NativeConnection; namespace: string },
  { metrics, hasSearchAttributes }: Workers,
  log: Logger,
): () => void {
  if (metricsAddress === undefined || !hasSearchAttributes) return () => undefined;
  const client = new Client({ connection, namespace });
  return repeat(COUNT_EVERY_MS, () =>
    within(COUNT_LIMIT_MS, countOpenCalls(client)).then(metrics.open, (error: unknown) => {
      const name = error instanceof Error ? error.name : 'unknown';
      log.warn({ error: name }, 'open calls could not be counted: the last counts stay');
    }),
  );
}

async function serveHealth({ healthPort: port }: WorkerConfig, workers: Workers, watch: Watch) {
  if (port === undefined) return undefined;
  const { fetch } = createHealth({
    isLive: workers.isLive,
    because: async () => [...workers.because(), ...watch.because()],
  });
  const server = serve({ fetch, hostname: '127.0.0.1', port });
  await once(server, 'listening').catch((cause: unknown) => {
    throw cannotListen(`HEALTH_PORT ${port}`, cause);
  });
  return server;
}

if (require.main === module) runMain(() => runWorker());
