import { within } from '../runtime/timeout';
import { repeat } from './interval';

export interface WatchOptions {
  /** Rejects where the server does not answer. */
  readonly ping: () => Promise<unknown>;
  /** Told after every ping. */
  readonly onPing?: (isReachable: boolean) => void;
  /** Default 10 s. */
  readonly everyMs?: number;
  /** How old the last answer may be. Default 30 s. */
  readonly freshMs?: number;
  /** Milliseconds since some instant, and never put back. Default: since the process started. */
  readonly now?: () => number;
}

/** What is known of the server from pings. */
export interface Watch {
  /** Why it counts as away; empty while its last answer is fresh. */
  because(): readonly string[];
  stop(): void;
}

const PING_LIMIT_MS = 5_000;

/** Pings the server until it is stopped. It counts as reachable to begin with: whoever watches has just connected. */
export function watchTemporal(options: WatchOptions): Watch {
  const {
    ping,
    onPing,
    everyMs = 10_000,
    freshMs = 30_000,
    now = () => performance.now(),
  } = options;
  let answeredMs = now();
  let missedSinceMs: number | undefined;
  const stop = repeat(everyMs, async () => {
    const askedMs = now();
    const isReachable = await within(PING_LIMIT_MS, ping()).then(
      () => true,
      () => false,
    );
    if (isReachable) {
      answeredMs = now();
      missedSinceMs = undefined;
    } else {
      missedSinceMs ??= askedMs;
    }
    onPing?.(isReachable);
  });
  return {
    because: () => {
      if (now() - answeredMs <= freshMs) return [];
      const seconds = Math.round((now() - (missedSinceMs ?? answeredMs)) / 1000);
      return [`temporal unreachable since ${seconds} s`];
    },
    stop,
  };
}
