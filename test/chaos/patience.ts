import { setTimeout as sleep } from 'node:timers/promises';

/** gRPC's CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, INTERNAL and UNAVAILABLE; and sockets' words. */
const PASSING: ReadonlySet<unknown> = new Set([
  1,
  2,
  4,
  8,
  10,
  13,
  14,
  'ECONNREFUSED',
  'ECONNRESET',
  'UND_ERR_SOCKET',
]);
const AGAIN_MS = 300;
const PATIENCE_MS = 90_000;

/** Whether the server may answer the same question in a while. */
export function isAway(error: unknown): boolean {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: { code?: unknown } };
  return PASSING.has(code) || PASSING.has(cause?.code);
}

/** Asks until the server answers: it is killed now and then. */
export async function patiently<T>(ask: () => Promise<T>, patienceMs = PATIENCE_MS): Promise<T> {
  const endMs = Date.now() + patienceMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isAway(error) || Date.now() > endMs) throw error;
    }
    await sleep(AGAIN_MS);
  }
}
