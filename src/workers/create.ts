import { Client } from '@temporalio/client';
import { Worker, type WorkerOptions as SdkWorkerOptions } from '@temporalio/worker';
import { createActivities, createAwaitCall, type MayDial } from '../activities';
import { sendLimits } from '../call/timing';
import type { WorkerConfig } from '../runtime/config';
import { toWorkerConverter } from '../temporal/data-converter';
import { missingSearchAttributes } from '../temporal/search-attributes';
import { closesWithin, readRun } from '../temporal/run-result';
import { workerIdentity } from '../temporal/contact-fingerprint';
import { createContacts } from '../temporal/contacts';
import { createServerQuestions } from '../temporal/server-questions';
import { createTruedyClient } from '../truedy/client';
import { createDialCheck } from './dial-check';
import { createWorkerMetrics } from './metrics';
import { createNexusService } from './nexus';
import type { WarningLog, WorkerOptions, Workers, WorkerTemporal } from './types';
import { workflowCode } from './workflow-code';

/** How long a shutdown waits for requests in progress. A deploy must not cut off one that dials. */
export function shutdownGraceMs(timeScale: number): number {
  return sendLimits(timeScale).startToCloseMs + 10_000;
}

/** Whether `createWorkers` created this worker. */
export function isOwnWorker(worker: Worker): boolean {
  return OWN.has(worker);
}

/**
 * Creates two workers: one for workflows, one for all requests to Truedy.
 *
 * The server enforces the rate limit of the second one's queue across all processes, so all must set the same rate.
 */
export async function createWorkers(
  config: WorkerConfig,
  temporal: WorkerTemporal,
  log: WarningLog,
  options: WorkerOptions = {},
): Promise<Workers> {
  const { connection, namespace, bundlerOptions: _, ...sdk } = temporal;
  const identity = workerIdentity(sdk.identity, config.contacts);
  const shared = { ...sdk, ...(identity && { identity }), ...versioning(config) };
  const dataConverter = toWorkerConverter(temporal.dataConverter);
  const metrics = createWorkerMetrics(namespace, config.taskQueue);
  const searchAttributes = await hasSearchAttributes(config, temporal, log);
  const client = new Client({ connection, namespace, dataConverter });
  const contacts = config.contacts && createContacts(client, config.contacts, config.taskQueue);
  const { placeCall, readCall, lookCall, findCall, ...local } = createActivities({
    truedy: options.truedy ?? createTruedyClient({ ...config, onAnswer: metrics.answered }),
    facts: {
      apiTaskQueue: config.apiTaskQueue,
      searchAttributes,
      timeScale: config.timeScale,
      ...(contacts && { contacts: true }),
      ...(config.optOutOutcomes.length > 0 && { optOutOutcomes: config.optOutOutcomes }),
    },
    contacts,
    server: createServerQuestions(client),
    mayDial: options.mayDial ?? toDialCheck(config),
  });
  const { stickyQueueScheduleToStartTimeout } = options;
  const calls = await createWorker({
    maxCachedWorkflows: config.maxCachedCalls,
    ...shared,
    connection,
    namespace,
    taskQueue: config.taskQueue,
    ...workflowCode(temporal, options),
    ...TASK_LIMIT,
    dataConverter,
    // Without those that send requests: on this queue nothing limits their rate.
    activities: { ...local, ...createAwaitCall({ readRun, closesWithin }, config.timeScale) },
    nexusServices: [createNexusService()],
    ...(stickyQueueScheduleToStartTimeout && { stickyQueueScheduleToStartTimeout }),
  });
  const api = await createWorker({
    ...shared,
    connection,
    namespace,
    taskQueue: config.apiTaskQueue,
    dataConverter,
    activities: { placeCall, readCall, lookCall, findCall },
    maxTaskQueueActivitiesPerSecond: config.requestsPerMinute / 60,
    shutdownGraceTime: shutdownGraceMs(config.timeScale),
  }).catch(async (error: unknown) => {
    await discard(calls);
    throw error;
  });
  return { ...controlsOf([calls, api]), metrics, hasSearchAttributes: searchAttributes };
}

// --- internal ---

/**
 * How long one step of a workflow task may take, by the clock. The SDK ends a longer one by force (Node's `vm` timeout),
 * which Node does not survive unharmed: it can end with "async hook stack has become corrupted". A step takes
 * milliseconds, but with the SDK's 5 s a process that was frozen within one was hit when it continued. An option of
 * @temporalio/worker/src/worker-options.ts (1.24) that its public type does not have.
 */
const TASK_LIMIT = { isolateExecutionTimeout: '60s' };

const BEHAVIORS = { auto_upgrade: 'AUTO_UPGRADE', pinned: 'PINNED' } as const;

/**
 * The option of the SDK for Worker Versioning, if it is on. Both workers get the same: the server gives a request of a
 * workflow only to workers of the deployment version that runs the workflow.
 */
function versioning({ deployment }: WorkerConfig): Pick<WorkerTemporal, 'workerDeploymentOptions'> {
  if (deployment === undefined) return {};
  const { deploymentName, buildId, behavior } = deployment;
  return {
    workerDeploymentOptions: {
      version: { deploymentName, buildId },
      useWorkerVersioning: true,
      defaultVersioningBehavior: BEHAVIORS[behavior],
    },
  };
}

function controlsOf(workers: readonly Worker[]) {
  return {
    run: () => runBoth(workers),
    shutdown: () => stop(workers),
    because: () =>
      workers
        .filter((worker) => worker.getState() !== 'RUNNING')
        .map((worker) => `worker of ${worker.options.taskQueue} is ${worker.getState()}`),
    isLive: () => {
      const states = workers.map((worker) => worker.getState());
      // An idle worker stops immediately, while the other may still wait for the answer to a dial.
      return !states.includes('FAILED') && states.some((state) => state !== 'STOPPED');
    },
  };
}

/** Every worker that we created. A plugin for the user's workers must not act on them. */
const OWN = new WeakSet<Worker>();

async function createWorker(options: SdkWorkerOptions): Promise<Worker> {
  const worker = await Worker.create(options);
  OWN.add(worker);
  return worker;
}

/** Releases the connection. A worker that was created but never run would hold it forever. */
async function discard(worker: Worker): Promise<void> {
  const running = worker.run();
  worker.shutdown();
  await running;
}

/** Runs the workers until all have stopped. If one fails, stops the others and waits for them before it throws. */
async function runBoth(workers: readonly Worker[]): Promise<void> {
  const running = workers.map((worker) => worker.run());
  try {
    await Promise.all(running);
  } catch (error) {
    stop(workers);
    await Promise.allSettled(running);
    throw error;
  }
}

function stop(workers: readonly Worker[]): void {
  for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
}

function toDialCheck(config: WorkerConfig): MayDial {
  const { dialCheckUrl: url, dialCheckKey, dialCheckSendsNumber: tellNumber, apiKey } = config;
  if (url === undefined) return () => Promise.resolve('yes');
  // All workers must hash a number alike, so the default is a key they share.
  const hashKey = dialCheckKey ?? apiKey;
  return createDialCheck({ url, hashKey, tellNumber, proxy: config.dialCheckProxy });
}

async function hasSearchAttributes(
  config: WorkerConfig,
  { connection, namespace }: WorkerTemporal,
  log: WarningLog,
): Promise<boolean> {
  if (config.searchAttributes !== 'auto') return config.searchAttributes === 'on';
  const missing = await missingSearchAttributes(connection, namespace);
  if (missing.length === 0) return true;
  log.warn(
    { namespace, missing },
    'TT1010 Calls run without search attributes: lists cannot be filtered',
  );
  return false;
}
