import { setTimeout as sleep } from 'node:timers/promises';

/** gRPC's CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, INTERNAL and UNAVAILABLE, and socket errors. */
const TRANSIENT: ReadonlySet<unknown> = new Set([
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
const RETRY_MS = 300;
const LIMIT_MS = 90_000;

/** Whether the same request may succeed later. */
export function isTransient(error: unknown): boolean {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: { code?: unknown } };
  return TRANSIENT.has(code) || TRANSIENT.has(cause?.code);
}

/** Repeats a request until the server answers, because the server is killed repeatedly. */
export async function withRetries<T>(request: () => Promise<T>, limitMs = LIMIT_MS): Promise<T> {
  const endMs = Date.now() + limitMs;
  for (;;) {
    try {
      return await request();
    } catch (error) {
      if (!isTransient(error) || Date.now() > endMs) throw error;
    }
    await sleep(RETRY_MS);
  }
}
