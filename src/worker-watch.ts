import { Client } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import type { WorkerConfig } from './config';
import type { Logger } from './log';
import { countOpenCalls } from './temporal/open-calls';
import { repeat } from './temporal/repeat';
import { watchTemporal, type Watch, type WatchOptions } from './temporal/watch';
import { listenForProbes } from './webhook/probes';
import { within } from './within';
import type { Workers } from './worker';

const COUNT_EVERY_MS = 30_000;
const COUNT_LIMIT_MS = 20_000;

interface Watched {
  readonly config: WorkerConfig;
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly workers: Workers;
  readonly log: Logger;
}

/**
 * Pings Temporal, counts open calls and answers probes, until the answer is called. It waits for nothing.
 *
 * @throws SettingsError where the probes cannot be answered at `HEALTH_PORT`.
 */
export async function watchWorkers(
  watched: Watched,
  options: Pick<WatchOptions, 'everyMs' | 'freshMs'> = {},
): Promise<() => void> {
  const { connection, workers } = watched;
  const watch = watchTemporal({
    ...options,
    ping: () => connection.workflowService.getSystemInfo({}),
    onPing: workers.metrics.reachable,
  });
  const stopCounting = showOpenCalls(watched);
  const health = await serveHealth(watched, watch);
  return () => {
    health?.close();
    watch.stop();
    stopCounting();
  };
}

// --- internal ---

/** Counts open calls for the page of metrics, where there is one and lists know their phases. */
function showOpenCalls({ config, connection, namespace, workers, log }: Watched): () => void {
  const { metrics, hasSearchAttributes } = workers;
  if (config.metricsAddress === undefined || !hasSearchAttributes) return () => undefined;
  const client = new Client({ connection, namespace });
  return repeat(COUNT_EVERY_MS, () =>
    within(COUNT_LIMIT_MS, countOpenCalls(client)).then(metrics.open, (error: unknown) => {
      const name = error instanceof Error ? error.name : 'unknown';
      log.warn({ error: name }, 'open calls could not be counted: the last counts stay');
    }),
  );
}

async function serveHealth({ config, workers }: Watched, watch: Watch) {
  return listenForProbes(config, {
    isLive: workers.isLive,
    because: async () => [...workers.because(), ...watch.because()],
  });
}
