import { instantMs } from './instant';

const LEAST_MS = 1_000;
const MOST_MS = 120_000;
/** When nothing that can be read says how long: the vendor counts by the minute. */
const UNTOLD_MS = 60_000;

const WHOLE_SECONDS = /^\d{1,9}$/;

/**
 * When a 429 allows the next request, in milliseconds since 1970; 1 to 120 s ahead.
 *
 * The latest of what is told counts: `reset_at` of the body, `Retry-After` (RFC 9110 §10.2.3: seconds
 * or a date), `X-RateLimit-Reset` (Unix seconds). Vendor page "Rate limits".
 */
export function retryAtMs(
  told: {
    readonly resetAt?: string | undefined;
    readonly retryAfter?: string | undefined;
    readonly rateLimitReset?: string | undefined;
  },
  nowMs: number,
): number {
  const waits = [
    untilInstant(told.resetAt, nowMs),
    untilRetryAfter(told.retryAfter, nowMs),
    untilUnix(told.rateLimitReset, nowMs),
  ].filter((waitMs) => waitMs > 0);
  const waitMs = waits.length === 0 ? UNTOLD_MS : Math.max(...waits);
  return nowMs + Math.min(Math.max(waitMs, LEAST_MS), MOST_MS);
}

// --- internal: each is NaN for what cannot be read, and NaN is never over 0 ---

function untilInstant(text: string | undefined, nowMs: number): number {
  return text === undefined ? Number.NaN : instantMs(text) - nowMs;
}

function untilRetryAfter(text: string | undefined, nowMs: number): number {
  if (text === undefined) return Number.NaN;
  if (WHOLE_SECONDS.test(text)) return Number(text) * 1000;
  // A date has a comma behind its day; `Date.parse` would also take "-1" for a year.
  return text.includes(',') ? Date.parse(text) - nowMs : Number.NaN;
}

function untilUnix(text: string | undefined, nowMs: number): number {
  return text !== undefined && /^\d{10}$/.test(text) ? Number(text) * 1000 - nowMs : Number.NaN;
}
