const MINUTE_MS = 60_000;
/** From one source in a minute: more than any sender with a wrong secret makes by itself. */
const MOST_FAILURES = 100;
/** Beyond these the oldest is forgotten: to be slowed down is no guard, only a damper. */
const MOST_SOURCES = 1_000;

/** How many deliveries of each source failed in its present minute. */
export function createFailures(now: () => number) {
  const sources = new Map<string, { readonly sinceMs: number; readonly count: number }>();
  return {
    /** Counts one. `first_over` is the one that a log should tell of. */
    count(source: string): 'usual' | 'first_over' | 'over' {
      const nowMs = now();
      const known = sources.get(source);
      const isSame = known !== undefined && nowMs - known.sinceMs < MINUTE_MS;
      const next = isSame ? { ...known, count: known.count + 1 } : { sinceMs: nowMs, count: 1 };
      sources.set(source, next);
      const [oldest] = sources.keys();
      if (sources.size > MOST_SOURCES && oldest !== undefined) sources.delete(oldest);
      if (next.count <= MOST_FAILURES) return 'usual';
      return next.count === MOST_FAILURES + 1 ? 'first_over' : 'over';
    },
  };
}
