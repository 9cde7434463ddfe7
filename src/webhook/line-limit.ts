const MINUTE_MS = 60_000;
/** Lines a minute for one source: more than a sender with a wrong setting needs to be noticed. */
const MOST_OF_A_SOURCE = 100;
/** Lines a minute for all sources: an attacker can have any number of addresses. */
const MOST_OF_ALL = 1_000;
/** Beyond these the oldest is forgotten. */
const MOST_SOURCES = 1_000;

/** Decides which refusals are logged, so that a log grows slower than a stranger can send. */
export function createLineLimit(now: () => number) {
  let sources = new Map<string, number>();
  let sinceMs = -Infinity;
  let lines = 0;
  return {
    /** Counts one refusal. `last`: log it, and that no more of this source will be logged in this minute. */
    count(source: string): 'log' | 'last' | 'skip' {
      if (now() - sinceMs >= MINUTE_MS) {
        [sources, sinceMs, lines] = [new Map(), now(), 0];
      }
      const count = (sources.get(source) ?? 0) + 1;
      sources.set(source, count);
      const [oldest] = sources.keys();
      if (sources.size > MOST_SOURCES && oldest !== undefined) sources.delete(oldest);
      if (count > MOST_OF_A_SOURCE || lines >= MOST_OF_ALL) return 'skip';
      lines += 1;
      return count === MOST_OF_A_SOURCE || lines === MOST_OF_ALL ? 'last' : 'log';
    },
  };
}
