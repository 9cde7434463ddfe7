import { instantMs } from './parse-instant';

const LEAST_MS = 1_000;
/** Truedy counts by the minute, so an instant further ahead is a wrong clock or a missing zone. */
const MOST_MS = 120_000;
/** A longer `Retry-After` is not believed: an hour is a maintenance window, a year is a mistake. */
const MOST_RETRY_AFTER_MS = 24 * 3_600_000;
/** The default where the answer names no time that can be read. */
const DEFAULT_MS = 60_000;

const WHOLE_SECONDS = /^\d{1,9}$/;

/**
 * When a 429 allows the next request, in milliseconds since 1970; 1 s to 24 h ahead.
 *
 * The latest of three counts. `Retry-After` (RFC 9110 §10.2.3: seconds or a date) is obeyed up to 24 h.
 * `reset_at` of the body and `X-RateLimit-Reset` (Unix seconds) count up to 120 s. Vendor page "Rate limits".
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
    Math.min(untilInstant(told.resetAt, nowMs), MOST_MS),
    Math.min(untilRetryAfter(told.retryAfter, nowMs), MOST_RETRY_AFTER_MS),
    Math.min(untilUnix(told.rateLimitReset, nowMs), MOST_MS),
  ].filter((waitMs) => waitMs > 0);
  const waitMs = waits.length === 0 ? DEFAULT_MS : Math.max(...waits);
  return nowMs + Math.max(waitMs, LEAST_MS);
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
