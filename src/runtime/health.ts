import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import type { Server } from 'node:http';
import { Hono } from 'hono';
import { listen } from './http-server';
import { cannotListen } from './process';

const MAX_LAG_MS = 10_000;
const LAG_RESOLUTION_MS = 500;
const LAG_PERIOD_MS = 10_000;
/** Probes within this time share one result, because computing it may take a request to Temporal. */
const CACHE_MS = 1_000;

export interface Health {
  readonly isLive: () => boolean;
  /** Why the process is not ready. Empty if it is. */
  readonly because: () => Promise<readonly string[]>;
  /** The longest recent delay of the event loop. Default: measured. */
  readonly lagMs?: () => number;
}

/** `/livez` returns 503 if the process needs a restart, `/readyz` if it cannot work now. An idle process is ready. */
export function createHealth({ isLive, because, lagMs = measureLag() }: Health): Hono {
  const app = new Hono();
  const reasonsNow = cached(CACHE_MS, because);
  app.get('/livez', (context) => {
    const live = isLive() && lagMs() <= MAX_LAG_MS;
    return context.json({ live }, live ? 200 : 503);
  });
  app.get('/readyz', async (context) => {
    const reasons = await reasonsNow();
    if (reasons.length === 0) return context.json({ ready: true });
    return context.json({ ready: false, because: reasons }, 503);
  });
  return app;
}

/** Serves `/livez` and `/readyz` on their own port, if one is set. @throws SettingsError if it cannot listen there. */
export async function listenForProbes(
  { healthHost: host, healthPort: port }: { healthHost: string; healthPort: number | undefined },
  health: Health,
): Promise<Server | undefined> {
  if (port === undefined) return undefined;
  const { server } = await listen(createHealth(health), { host, port }).catch((cause: unknown) => {
    throw cannotListen(`HEALTH_HOST ${host}, HEALTH_PORT ${port}`, cause);
  });
  return server;
}

/** Measures the longest delay of the last 10 to 20 s. Reading does not reset it, so all probes get the same value. */
export function measureLag(
  histogram: Pick<IntervalHistogram, 'enable' | 'reset' | 'max'> = monitorEventLoopDelay({
    resolution: LAG_RESOLUTION_MS,
  }),
): () => number {
  let lastPeriod = 0;
  histogram.enable();
  setInterval(() => {
    lastPeriod = histogram.max;
    histogram.reset();
  }, LAG_PERIOD_MS).unref();
  return () => Math.max(lastPeriod, histogram.max) / 1e6;
}

// --- internal ---

/** Runs `compute` at most once at a time and caches its result for `ms`. */
function cached<T>(ms: number, compute: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= compute().finally(() => {
      setTimeout(() => (result = undefined), ms).unref();
    });
    return result;
  };
}
