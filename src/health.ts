import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Hono } from 'hono';

const MAX_LAG_MS = 10_000;

/** What a process knows of itself. */
export interface Health {
  readonly isLive: () => boolean;
  /** Why it would take no work now; empty when it would. */
  readonly because: () => Promise<readonly string[]>;
}

/** `/livez`: restart me if not. `/readyz`: send me work only then. Both answer in status codes; idle is healthy. */
export function createHealth({ isLive, because }: Health): Hono {
  const lag = monitorEventLoopDelay({ resolution: 500 });
  lag.enable();
  const app = new Hono();
  app.get('/livez', (context) => {
    const lagged = lag.max / 1e6 > MAX_LAG_MS;
    lag.reset();
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
