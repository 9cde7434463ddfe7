import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Hono } from 'hono';

const MAX_LAG_MS = 10_000;
const LAG_RESOLUTION_MS = 500;

/** What a process knows of itself. */
export interface Health {
  readonly isLive: () => boolean;
  /** Why it would take no work now; empty when it would. */
  readonly because: () => Promise<readonly string[]>;
  /** The longest that the event loop was held up since it was last asked, in milliseconds. Default: measured. */
  readonly lagMs?: () => number;
}

/** `/livez`: restart me if not. `/readyz`: send me work only then. Both answer in status codes; idle is healthy. */
export function createHealth({ isLive, because, lagMs = measuredLag() }: Health): Hono {
  const app = new Hono();
  app.get('/livez', (context) => {
    const lagged = lagMs() > MAX_LAG_MS;
    const live = isLive() && !lagged;
    return context.json({ live }, live ? 200 : 503);
  });
  app.get('/readyz', async (context) => {
    const reasons = await because();
    if (reasons.length === 0) return context.json({ ready: true });
    return context.json({ ready: false, because: reasons }, 503);
  });
  return app;
}

// --- internal ---

function measuredLag(): () => number {
  const lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
  lag.enable();
  return () => {
    const longestMs = lag.max / 1e6;
    lag.reset();
    return longestMs;
  };
}
