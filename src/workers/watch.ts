import { Client } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { MAX_CLOCK_DIFFERENCE_MS } from '../call/timing';
import type { WorkerConfig } from '../runtime/config';
import type { Logger } from '../runtime/log';
import { countOpenCalls } from '../temporal/open-calls';
import { repeat } from '../temporal/interval';
import { serverSkewMs } from '../temporal/server-clock';
import { watchTemporal, type Watch, type WatchOptions } from '../temporal/reachability';
import { listenForProbes } from '../runtime/probes';
import { within } from '../runtime/timeout';
import type { Workers } from './types';

const COUNT_EVERY_MS = 30_000;
const COUNT_LIMIT_MS = 20_000;
const CLOCK_EVERY_MS = 60_000;
const CLOCK_LIMIT_MS = 20_000;

interface Watched {
  readonly config: WorkerConfig;
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly workers: Workers;
  readonly log: Logger;
}

/**
 * Pings Temporal, compares clocks, counts open calls and answers probes, until the answer is called. It waits for nothing.
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
  const clock = watchClock(watched);
  const stopCounting = showOpenCalls(watched);
  const health = await serveHealth(watched, [watch, clock]);
  return () => {
    health?.close();
    watch.stop();
    clock.stop();
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

/** Compares this machine's clock with the server's. A difference counts until the next measurement. */
function watchClock({ connection, namespace, log }: Watched): Watch {
  let because: readonly string[] = [];
  const stop = repeat(CLOCK_EVERY_MS, async () => {
    const aheadMs = await within(CLOCK_LIMIT_MS, serverSkewMs(connection, namespace)).catch(
      () => undefined,
    );
    // Some servers do not tell, and one that is unreachable is another reason's business.
    if (aheadMs === undefined) return;
    because = objectionToClock(aheadMs);
    for (const line of because) log.warn(line);
  });
  return { because: () => because, stop };
}

/** @param serverAheadMs How far the server's clock is ahead of this machine's. */
function objectionToClock(serverAheadMs: number): readonly string[] {
  if (Math.abs(serverAheadMs) <= MAX_CLOCK_DIFFERENCE_MS) return [];
  const seconds = (Math.abs(serverAheadMs) / 1_000).toFixed(1);
  const side = serverAheadMs > 0 ? 'behind' : 'ahead of';
  const most = MAX_CLOCK_DIFFERENCE_MS / 1_000;
  return [`this machine's clock is ${seconds} s ${side} Temporal's; at most ${most} s are allowed`];
}

async function serveHealth({ config, workers }: Watched, watches: readonly Watch[]) {
  return listenForProbes(config, {
    isLive: workers.isLive,
    because: async () => [workers, ...watches].flatMap((one) => one.because()),
  });
}
