import { Client } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { Worker, type NativeConnection } from '@temporalio/worker';
import { createActivities, type MayDial } from '../activities';
import { sendLimits } from '../call/timing';
import type { WorkerConfig } from '../runtime/config';
import type { Logger } from '../runtime/log';
import { toWorkerConverter } from '../temporal/data-converter';
import { missingSearchAttributes } from '../temporal/search-attributes';
import { createServerQuestions } from '../temporal/server-questions';
import { createTruedyClient } from '../truedy/client';
import { createDialCheck } from './dial-check';
import { createWorkerMetrics } from './metrics';
import type { WorkerOptions, Workers } from './types';
import { workflowCode } from './workflow-code';

/** How long a shutdown waits for requests in progress. A deploy must not cut off one that dials. */
export function shutdownGraceMs(timeScale: number): number {
  return sendLimits(timeScale).startToCloseMs + 10_000;
}

/**
 * Creates two workers: one for workflows, one for all requests to Truedy.
 *
 * The server enforces the rate limit of the second one's queue across all processes, so all must set the same rate.
 */
export async function createWorkers(
  config: WorkerConfig,
  temporal: {
    readonly connection: NativeConnection;
    readonly namespace: string;
    /** As in every client of the namespace. */
    readonly dataConverter?: DataConverter | undefined;
  },
  log: Logger,
  options: WorkerOptions = {},
): Promise<Workers> {
  const { connection, namespace } = temporal;
  const dataConverter = toWorkerConverter(temporal.dataConverter);
  const metrics = createWorkerMetrics(namespace, config.taskQueue);
  const searchAttributes = await hasSearchAttributes(config, temporal, log);
  const activities = createActivities({
    truedy: options.truedy ?? createTruedyClient({ ...config, onAnswer: metrics.answered }),
    facts: {
      apiTaskQueue: config.apiTaskQueue,
      searchAttributes,
      timeScale: config.timeScale,
    },
    server: createServerQuestions(new Client({ connection, namespace, dataConverter })),
    mayDial: options.mayDial ?? toDialCheck(config),
  });
  const { stickyQueueScheduleToStartTimeout, workflowBundle } = options;
  const calls = await Worker.create({
    connection,
    namespace,
    taskQueue: config.taskQueue,
    ...(workflowBundle ? { workflowBundle } : workflowCode(temporal.dataConverter)),
    dataConverter,
    activities,
    enableNonLocalActivities: false,
    ...(stickyQueueScheduleToStartTimeout && { stickyQueueScheduleToStartTimeout }),
  });
  const api = await Worker.create({
    connection,
    namespace,
    taskQueue: config.apiTaskQueue,
    dataConverter,
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
      // An idle worker stops immediately, while the other may still wait for the answer to a dial.
      return !states.includes('FAILED') && states.some((state) => state !== 'STOPPED');
    },
    metrics,
    hasSearchAttributes: searchAttributes,
  };
}

// --- internal ---

function toDialCheck(config: WorkerConfig): MayDial {
  const { dialCheckUrl: url, dialCheckKey, dialCheckSendsNumber: tellNumber, apiKey } = config;
  if (url === undefined) return () => Promise.resolve('yes');
  // All workers must hash a number alike, so the default is a key they share.
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
  log.warn(
    { namespace, missing },
    'TT1010 Calls run without search attributes: lists cannot be filtered',
  );
  return false;
}
