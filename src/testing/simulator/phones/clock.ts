/** The simulator's clock. Tests pass one that they advance themselves. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs a function later. @returns Cancels it. */
  schedule(delayMs: number, run: () => void): () => void;
}

/** The machine's clock. `close` cancels everything that is scheduled. */
export function createClock(): Clock & { close(): void } {
  const pending = new Set<NodeJS.Timeout>();

  function schedule(delayMs: number, run: () => void): () => void {
    const timer = setTimeout(() => {
      pending.delete(timer);
      run();
    }, delayMs);
    pending.add(timer);
    return () => {
      clearTimeout(timer);
      pending.delete(timer);
    };
  }

  return {
    now: Date.now,
    schedule,
    close() {
      for (const timer of pending) clearTimeout(timer);
      pending.clear();
    },
  };
}

export function wait(clock: Clock, delayMs: number): Promise<void> {
  if (delayMs <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    clock.schedule(delayMs, resolve);
  });
}

export function toIso(ms: number): string {
  return new Date(ms).toISOString();
}

export function toIsoOrNull(ms: number | null): string | null {
  return ms === null ? null : toIso(ms);
}
