import { parseInstantMs } from './parse-instant';

const MIN_MS = 1_000;
/** Truedy limits by the minute, so an instant further ahead means a wrong clock or a missing time zone. */
const MAX_MS = 120_000;
/** The longest `Retry-After` to obey: an hour is a maintenance window, a year is a mistake. */
const MAX_RETRY_AFTER_MS = 24 * 3_600_000;
/** The default if the answer contains no valid time. */
const DEFAULT_MS = 60_000;

const WHOLE_SECONDS = /^\d{1,9}$/;

/**
 * When a 429 allows the next request, in milliseconds since 1970; 1 s to 24 h ahead.
 *
 * The latest of three times. `Retry-After` (RFC 9110 §10.2.3: seconds or a date) counts up to 24 h, `reset_at` of the
 * body and `X-RateLimit-Reset` (Unix seconds) up to 120 s. See Truedy's page "Rate limits".
 */
export function retryAtMs(
  answer: {
    readonly resetAt?: string | undefined;
    readonly retryAfter?: string | undefined;
    readonly rateLimitReset?: string | undefined;
  },
  nowMs: number,
): number {
  const waits = [
    Math.min(untilInstant(answer.resetAt, nowMs), MAX_MS),
    Math.min(untilRetryAfter(answer.retryAfter, nowMs), MAX_RETRY_AFTER_MS),
    Math.min(untilUnix(answer.rateLimitReset, nowMs), MAX_MS),
  ].filter((waitMs) => waitMs > 0);
  const waitMs = waits.length === 0 ? DEFAULT_MS : Math.max(...waits);
  return nowMs + Math.max(waitMs, MIN_MS);
}

// --- internal: each returns NaN for an invalid value, and NaN is never over 0 ---

function untilInstant(text: string | undefined, nowMs: number): number {
  return text === undefined ? Number.NaN : parseInstantMs(text) - nowMs;
}

function untilRetryAfter(text: string | undefined, nowMs: number): number {
  if (text === undefined) return Number.NaN;
  if (WHOLE_SECONDS.test(text)) return Number(text) * 1000;
  // A date has a comma after its weekday. `Date.parse` alone would accept "-1" as a year.
  return text.includes(',') ? Date.parse(text) - nowMs : Number.NaN;
}

function untilUnix(text: string | undefined, nowMs: number): number {
  return text !== undefined && /^\d{10}$/.test(text) ? Number(text) * 1000 - nowMs : Number.NaN;
}
