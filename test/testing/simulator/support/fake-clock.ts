import type { Clock } from '../../../../src/testing/simulator/phones/clock';

export interface FakeClock extends Clock {
  /** Advances the time and runs what is due, in order. */
  advance(ms: number): Promise<void>;
}

/** A clock that advances only on request. */
export function createFakeClock(startMs = Date.parse('2026-12-01T09:00:10.000Z')): FakeClock {
  let nowMs = startMs;
  let due: { readonly atMs: number; readonly run: () => void }[] = [];

  return {
    now: () => nowMs,
    schedule(delayMs, run) {
      const entry = { atMs: nowMs + delayMs, run };
      due.push(entry);
      return () => {
        due = due.filter((other) => other !== entry);
      };
    },
    async advance(ms) {
      const endMs = nowMs + ms;
      for (;;) {
        await settle();
        const [next] = due.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs);
        if (next === undefined) break;
        due = due.filter((other) => other !== next);
        nowMs = Math.max(nowMs, next.atMs);
        next.run();
      }
      nowMs = endMs;
      await settle();
    },
  };
}

/** Runs everything that only waits for settled promises. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
