const MINUTE_MS = 60_000;
/** Lines per minute and source: more than enough to notice a sender with a wrong setting. */
const MAX_LINES_PER_SOURCE = 100;
/** Lines per minute of all sources, because an attacker can have any number of addresses. */
const MAX_LINES = 1_000;
/** Beyond this number, the oldest source is forgotten. */
const MAX_SOURCES = 1_000;

type Write = (fields: object, message: string) => void;

/** Logs events that anyone can cause, up to a limit. At the limit it logs that further lines are omitted. */
export function createRateLimitedLog(
  log: { readonly info: Write; readonly warn: Write },
  now: () => number,
) {
  const limit = createLineLimit(now);
  return (source: string, fields: object, message: string): void => {
    const decision = limit.count(source);
    if (decision === 'skip') return;
    log.info({ ...fields, source }, message);
    if (decision === 'last') {
      log.warn(
        { source },
        'Too many refusals: for the rest of this minute they are counted, not logged',
      );
    }
  };
}

/** Decides which lines are logged, so that an attacker cannot fill the log. */
export function createLineLimit(now: () => number) {
  let sources = new Map<string, number>();
  let sinceMs = -Infinity;
  let lines = 0;
  return {
    /** Counts one line. `last`: log it, and that no more lines of this source will be logged in this minute. */
    count(source: string): 'log' | 'last' | 'skip' {
      if (now() - sinceMs >= MINUTE_MS) {
        [sources, sinceMs, lines] = [new Map(), now(), 0];
      }
      const count = (sources.get(source) ?? 0) + 1;
      sources.set(source, count);
      const [oldest] = sources.keys();
      if (sources.size > MAX_SOURCES && oldest !== undefined) sources.delete(oldest);
      if (count > MAX_LINES_PER_SOURCE || lines >= MAX_LINES) return 'skip';
      lines += 1;
      return count === MAX_LINES_PER_SOURCE || lines === MAX_LINES ? 'last' : 'log';
    },
  };
}
