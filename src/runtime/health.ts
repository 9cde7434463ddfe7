import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import { Hono } from 'hono';

const MAX_LAG_MS = 10_000;
const LAG_RESOLUTION_MS = 500;
const LAG_PERIOD_MS = 10_000;
/** An answer serves all who ask within this time: a probe may cost a request to Temporal. */
const KEPT_MS = 1_000;

/** What a process knows of itself. */
export interface Health {
  readonly isLive: () => boolean;
  /** Why it would take no work now; empty when it would. */
  readonly because: () => Promise<readonly string[]>;
  /** The longest recent hold-up of the event loop, in milliseconds. Default: measured. */
  readonly lagMs?: () => number;
}

/** `/livez`: restart me if not. `/readyz`: send me work only then. Both answer in status codes; idle is healthy. */
export function createHealth({ isLive, because, lagMs = measureLag() }: Health): Hono {
  const app = new Hono();
  const reasonsNow = keptFor(KEPT_MS, because);
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

/**
 * The longest hold-up of the last 10 to 20 s. Asking changes nothing: whoever asks first must not hide
 * it from the next.
 */
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

/** One question at a time, whose answer is kept for `ms` after it came. */
function keptFor<T>(ms: number, ask: () => Promise<T>): () => Promise<T> {
  let kept: Promise<T> | undefined;
  return () => {
    kept ??= ask().finally(() => {
      setTimeout(() => (kept = undefined), ms).unref();
    });
    return kept;
  };
}
