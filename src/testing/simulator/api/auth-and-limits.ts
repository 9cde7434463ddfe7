import { errorAnswer, resetDetails, type Answer } from './responses';
import type { Endpoint } from '../script/script';
import type { Settings } from '../settings';

export interface AccessControlOptions {
  /** The only accepted key; absent: every key that starts with `truedy_`. */
  readonly apiKey: string | undefined;
  readonly now: () => number;
  readonly settings: () => Settings;
}

/** Checks the key, outages and the rate limit before every endpoint. */
export function createAccessControl({ apiKey, now, settings }: AccessControlOptions) {
  let minute = 0;
  let counts = new Map<string, number>();

  /** @returns The refusal, or `undefined` if the request is accepted. */
  function check(endpoint: Endpoint, authorization: string | undefined): Answer | undefined {
    const key = authorization?.replace(/^Bearer /, '');
    const isValid = apiKey === undefined ? key?.startsWith('truedy_') : key === apiKey;
    if (key === authorization || isValid !== true) {
      return errorAnswer(401, { message: 'Missing or invalid API key.' }, now());
    }
    return outage(endpoint) ?? overLimit(key ?? '');
  }

  function outage(endpoint: Endpoint): Answer | undefined {
    const found = settings().outages.find(
      ({ on, sinceMs, forMs }) =>
        on.includes(endpoint) && now() >= sinceMs && now() < sinceMs + forMs,
    );
    if (found === undefined) return undefined;
    const { status, code, resetAfterMs } = found;
    const details = resetAfterMs === undefined ? undefined : resetDetails(now() + resetAfterMs);
    return errorAnswer(status, { code, details }, now());
  }

  /** One fixed window of a minute per key, as the vendor counts. */
  function overLimit(key: string): Answer | undefined {
    const { perMinute, code, as500 } = settings().rateLimit;
    const thisMinute = Math.floor(now() / MINUTE_MS);
    if (thisMinute !== minute) {
      minute = thisMinute;
      counts = new Map();
    }
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    if (perMinute === null || count <= perMinute) return undefined;
    // A known bug of the vendor turns its own refusal into an internal error.
    if (as500) return errorAnswer(500, {}, now());
    const details = resetDetails((minute + 1) * MINUTE_MS, perMinute);
    return errorAnswer(429, { code, message: 'Rate limit exceeded.', details }, now());
  }

  return { check, clear: () => counts.clear() };
}
export type AccessControl = ReturnType<typeof createAccessControl>;

const MINUTE_MS = 60_000;
