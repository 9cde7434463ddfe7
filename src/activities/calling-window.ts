import { DateTime } from 'luxon';
import type { CallWindow } from '../call/input';

const MINUTE_MS = 60_000;
/** The longest a window can stay closed: one weekday a week, and a day skipped by a change of time zone. */
const LOOK_AHEAD_DAYS = 9;

/** When a window opens: the instant, and its local time such as `Mon 23 Nov 09:00 America/New_York`. */
export interface Opening {
  readonly atMs: number;
  readonly there: string;
}

/** The local activity: finds when the window is open next. */
export async function nextOpening(window: CallWindow, afterMs: number): Promise<Opening> {
  const atMs = nextOpeningMs(window, afterMs);
  const local = DateTime.fromMillis(atMs, { zone: window.timeZone, locale: 'en-US' });
  return { atMs, there: `${local.toFormat('ccc d LLL HH:mm')} ${window.timeZone}` };
}

/**
 * The first instant at or after the given one at which the window is open.
 *
 * Time zone data differ between images, so workflow code must take this result from history.
 *
 * @param afterMs Milliseconds since 1970. Returned unchanged if the window is open then.
 */
export function nextOpeningMs(window: CallWindow, afterMs: number): number {
  if (isOpen(window, afterMs)) return afterMs;
  const start = DateTime.fromMillis(afterMs, { zone: window.timeZone });
  for (let days = 0; days <= LOOK_AHEAD_DAYS; days += 1) {
    const opensMs = openingOnDay(window, start.plus({ days }).startOf('day'), afterMs);
    if (opensMs !== undefined) return opensMs;
  }
  throw new RangeError(`The window in ${window.timeZone} never opens`);
}

/** Whether the recipient's local time is inside the window. */
export function isOpen(window: CallWindow, atMs: number): boolean {
  const local = DateTime.fromMillis(atMs, { zone: window.timeZone });
  const minutes = local.hour * 60 + local.minute;
  return (
    (window.days?.includes(local.weekday) ?? true) &&
    minutes >= minutesOf(window.from) &&
    minutes < minutesOf(window.to)
  );
}

// --- internal ---

function openingOnDay(window: CallWindow, day: DateTime, afterMs: number): number | undefined {
  const end = day.plus({ days: 1 }).startOf('day');
  const before = day.minus({ hours: 3 });
  if (before.offset === end.offset && day.hour === 0) {
    const opensMs = Math.max(day.toMillis() + minutesOf(window.from) * MINUTE_MS, afterMs);
    return isOpen(window, opensMs) ? opensMs : undefined;
  }
  // The clock changes today or at midnight, so an hour is missing or occurs twice. Check every minute.
  const fromMs = Math.max(before.toMillis(), Math.ceil(afterMs / MINUTE_MS) * MINUTE_MS);
  for (let atMs = fromMs; atMs < end.toMillis(); atMs += MINUTE_MS) {
    if (isOpen(window, atMs)) return atMs;
  }
  return undefined;
}

function minutesOf(clock: string): number {
  const [hour = 0, minute = 0] = clock.split(':').map(Number);
  return hour * 60 + minute;
}
