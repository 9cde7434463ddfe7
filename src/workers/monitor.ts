import { Client } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { MAX_CLOCK_DIFFERENCE_MS } from '../call/timing';
import type { WorkerConfig } from '../runtime/config';
import type { Logger } from '../runtime/log';
import { countOpenCalls } from '../temporal/open-calls';
import { setPeriodic } from '../temporal/interval';
import { serverSkewMs } from '../temporal/server-clock';
import { monitorTemporal, type Monitor, type MonitorOptions } from '../temporal/reachability';
import { listenForProbes } from '../runtime/health';
import { withTimeout } from '../runtime/timeout';
import type { Workers } from './types';

const COUNT_EVERY_MS = 30_000;
const COUNT_LIMIT_MS = 20_000;
const CLOCK_EVERY_MS = 60_000;
const CLOCK_LIMIT_MS = 20_000;

interface Monitored {
  readonly config: WorkerConfig;
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly workers: Workers;
  readonly log: Logger;
}

/**
 * Pings Temporal, compares clocks, counts open calls and answers probes.
 *
 * @returns Stops all of that.
 * @throws SettingsError if `HEALTH_PORT` is not available.
 */
export async function monitorWorkers(
  monitored: Monitored,
  options: Pick<MonitorOptions, 'everyMs' | 'freshMs'> = {},
): Promise<() => void> {
  const { connection, workers } = monitored;
  const reachability = monitorTemporal({
    ...options,
    ping: () => connection.workflowService.getSystemInfo({}),
    onPing: workers.metrics.reachable,
  });
  const clock = monitorClock(monitored);
  const stopCounting = publishOpenCalls(monitored);
  const health = await serveHealth(monitored, [reachability, clock]);
  return () => {
    health?.close();
    reachability.stop();
    clock.stop();
    stopCounting();
  };
}

// --- internal ---

/** Counts open calls for the metrics page, if there is one and the phases of calls can be searched. */
function publishOpenCalls({ config, connection, namespace, workers, log }: Monitored): () => void {
  const { metrics, hasSearchAttributes } = workers;
  if (config.metricsAddress === undefined || !hasSearchAttributes) return () => undefined;
  const client = new Client({ connection, namespace });
  return setPeriodic(COUNT_EVERY_MS, () =>
    withTimeout(COUNT_LIMIT_MS, countOpenCalls(client)).then(metrics.open, (error: unknown) => {
      const name = error instanceof Error ? error.name : 'unknown';
      log.warn({ error: name }, 'Could not count open calls: the metric keeps its last value');
    }),
  );
}

/** Compares this machine's clock with the server's. A result holds until the next comparison. */
function monitorClock({ connection, namespace, log }: Monitored): Monitor {
  let because: readonly string[] = [];
  const stop = setPeriodic(CLOCK_EVERY_MS, async () => {
    const aheadMs = await withTimeout(CLOCK_LIMIT_MS, serverSkewMs(connection, namespace)).catch(
      () => undefined,
    );
    // Some servers do not report it. An unreachable one is reported by the other monitor.
    if (aheadMs === undefined) return;
    because = clockProblems(aheadMs);
    for (const line of because) log.warn(line);
  });
  return { because: () => because, stop };
}

/** @param serverAheadMs How far the server's clock is ahead of this machine's. */
function clockProblems(serverAheadMs: number): readonly string[] {
  if (Math.abs(serverAheadMs) <= MAX_CLOCK_DIFFERENCE_MS) return [];
  const seconds = (Math.abs(serverAheadMs) / 1_000).toFixed(1);
  const side = serverAheadMs > 0 ? 'behind' : 'ahead of';
  const most = MAX_CLOCK_DIFFERENCE_MS / 1_000;
  return [`this machine's clock is ${seconds} s ${side} Temporal's; at most ${most} s are allowed`];
}

async function serveHealth({ config, workers }: Monitored, monitors: readonly Monitor[]) {
  return listenForProbes(config, {
    isLive: workers.isLive,
    because: async () => [workers, ...monitors].flatMap((one) => one.because()),
  });
}
