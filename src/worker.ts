import { extname, join } from 'node:path';
import { Client } from '@temporalio/client';
import {
  makeTelemetryFilterString,
  Worker,
  type NativeConnection,
  type WorkflowBundlePath,
} from '@temporalio/worker';
import { createActivities, type MayDial } from './activities';
import { sendLimits } from './call/timing';
import { readWorkerConfig, unknownSettings, type WorkerConfig } from './runtime/config';
import { createDialCheck } from './workers/dial-check';
import { createLogger, toTemporalLogger, type Logger } from './runtime/log';
import { loadEnvironment, runMain, untilStopped } from './runtime/process';
import { missingSearchAttributes } from './temporal/search-attributes';
import { createServerQuestions } from './temporal/server-questions';
import type { WatchOptions } from './temporal/reachability';
import { connectWorker } from './temporal/worker-connection';
import { createTruedyClient, type TruedyClient } from './truedy/client';
import { createWorkerMetrics, installWithMetrics, type WorkerMetrics } from './workers/metrics';
import { watchWorkers } from './workers/watch';

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
  /** The workflows, bundled before. Default: those of the build; from source they are bundled at each start. */
  readonly workflowBundle?: WorkflowBundlePath;
}

/** How long a stop waits for requests under way. A deploy must not cut one that rings: its answer is awaited. */
export function shutdownGraceMs(timeScale: number): number {
  return sendLimits(timeScale).startToCloseMs + 10_000;
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
    server: createServerQuestions(new Client({ connection, namespace })),
    mayDial: options.mayDial ?? dialCheckOf(config),
  });
  const { stickyQueueScheduleToStartTimeout } = options;
  const calls = await Worker.create({
    connection,
    namespace,
    taskQueue: config.taskQueue,
    ...workflowCode(options),
    dataConverter: { payloadConverterPath: require.resolve('./temporal/payload-converter') },
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
    shutdownGraceTime: shutdownGraceMs(config.timeScale),
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
  const log = createLogger({ name: 'worker', level: config.logLevel, format: config.logFormat });
  for (const line of unknownSettings(env)) log.warn(line);
  if (config.dialCheckUrl !== undefined && config.dialCheckKey === undefined) {
    log.warn('TRUEDY_DIAL_CHECK_KEY is not set: every numberHash changes with TRUEDY_API_KEY');
  }
  if (config.timeScale !== 1) log.warn({ timeScale: config.timeScale }, 'waits are shortened');
  installRuntime(log, config.metricsAddress);
  const temporal = await connectWorker(env);
  const workers = await createWorkers(config, temporal, log, options);
  const { connection, namespace, address } = temporal;
  const stopWatching = await watchWorkers(
    { config, connection, namespace, workers, log },
    options.watch,
  );
  const running = workers.run();
  const queues = `${config.taskQueue} and ${config.apiTaskQueue}`;
  const ready = `Worker ready on ${queues} (${namespace} at ${address})`;
  const stopped = untilStopped(async () => {
    workers.shutdown();
    await running;
  }, ready);
  await Promise.race([stopped, running]);
  await running;
  stopWatching();
  await connection.close();
}

// --- internal ---

/** A build brings the workflows bundled (scripts/build.mjs); from source they are bundled at each start. */
function workflowCode({ workflowBundle }: WorkerOptions) {
  if (workflowBundle !== undefined) return { workflowBundle };
  return extname(__filename) === '.js'
    ? { workflowBundle: { codePath: join(__dirname, 'workflow-bundle.js') } }
    : { workflowsPath: require.resolve('./workflows') };
}

function dialCheckOf(config: WorkerConfig): MayDial {
  const { dialCheckUrl: url, dialCheckKey, dialCheckTellsNumber: tellNumber, apiKey } = config;
  if (url === undefined) return () => Promise.resolve('yes');
  // Every worker has to tell a number alike; without a key of its own the account's serves.
  const hashKey = dialCheckKey ?? apiKey;
  return createDialCheck({ url, hashKey, tellNumber, proxy: config.dialCheckProxy });
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

if (require.main === module) runMain(() => runWorker());
