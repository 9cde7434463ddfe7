import { withTimeout } from '../runtime/timeout';
import { setPeriodic } from './interval';

export interface MonitorOptions {
  /** Rejects if the server does not answer. */
  readonly ping: () => Promise<unknown>;
  /** Called after every ping. */
  readonly onPing?: (isReachable: boolean) => void;
  /** Default 10 s. */
  readonly everyMs?: number;
  /** The maximum age of the last answer. Default 30 s. */
  readonly freshMs?: number;
  /** A monotonic clock, in milliseconds. Default `performance.now`. */
  readonly now?: () => number;
}

/** A periodic check. */
export interface Monitor {
  /** Why the process is not ready; empty while the check passes. */
  because(): readonly string[];
  stop(): void;
}

const PING_LIMIT_MS = 5_000;

/** Pings the server until stopped. The server counts as reachable at first, since the process has just connected. */
export function monitorTemporal(options: MonitorOptions): Monitor {
  const { ping, onPing, everyMs = 10_000, freshMs = 30_000 } = options;
  const { now = () => performance.now() } = options;
  let lastAnswerMs = now();
  let failingSinceMs: number | undefined;
  const stop = setPeriodic(everyMs, async () => {
    const pingedMs = now();
    const isReachable = await withTimeout(PING_LIMIT_MS, ping()).then(
      () => true,
      () => false,
    );
    if (isReachable) {
      lastAnswerMs = now();
      failingSinceMs = undefined;
    } else {
      failingSinceMs ??= pingedMs;
    }
    onPing?.(isReachable);
  });
  return {
    because: () => {
      if (now() - lastAnswerMs <= freshMs) return [];
      const seconds = Math.round((now() - (failingSinceMs ?? lastAnswerMs)) / 1000);
      return [`Temporal has been unreachable for ${seconds} s`];
    },
    stop,
  };
}
