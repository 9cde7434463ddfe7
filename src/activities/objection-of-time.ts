import type { DialConditions } from '../call/dial-request';
import type { CallWindow } from '../call/input';
import type { Placed } from '../call/placement';
import { isOpen, nextOpeningMs } from './calling-window';
import { defer } from './send-questions';

/** The server's time is between these two instants, in milliseconds since 1970. */
export interface TimeSpan {
  readonly earliestMs: number;
  readonly latestMs: number;
}

/** On a busy machine our lower bound lags behind the server's clock, so the upper bound is this machine's clock. */
export function spanOf(earliestMs: number): TimeSpan {
  return { earliestMs, latestMs: Math.max(earliestMs, Date.now()) };
}

/**
 * Why the time conditions forbid a dial now; `undefined` if they allow it. Start times are compared with the earliest
 * possible time, end times with the latest, so that both hold on a busy machine too.
 *
 * @param now By the server's clock, as are the conditions.
 */
export function objectionOfTime(conditions: DialConditions, now: TimeSpan): Placed | undefined {
  const { window, notBeforeMs = 0, expiresAtMs = Infinity } = conditions;
  const openMs = openingMs(window, notBeforeMs, now);
  if (Math.max(openMs, now.latestMs) >= expiresAtMs) {
    return {
      kind: 'withheld',
      outcome: 'expired',
      reason:
        now.latestMs >= expiresAtMs
          ? 'expiresAt has passed'
          : 'expiresAt comes before the next allowed time',
    };
  }
  if (openMs <= now.earliestMs) return undefined;
  const isClosed = window !== undefined && !isOpenAt(window, now);
  return { ...defer(isClosed ? 'outside the window' : 'before notBefore'), untilMs: openMs };
}

// --- internal ---

function openingMs(window: CallWindow | undefined, notBeforeMs: number, now: TimeSpan): number {
  const earliestMs = Math.max(now.earliestMs, notBeforeMs);
  if (window === undefined) return earliestMs;
  const openMs = nextOpeningMs(window, earliestMs);
  const hasClosed = openMs <= now.earliestMs && !isOpen(window, now.latestMs);
  return hasClosed ? nextOpeningMs(window, now.latestMs) : openMs;
}

function isOpenAt(window: CallWindow, { earliestMs, latestMs }: TimeSpan): boolean {
  return isOpen(window, earliestMs) && isOpen(window, latestMs);
}
