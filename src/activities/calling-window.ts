import { DateTime } from 'luxon';
import type { CallWindow } from '../call/input';

const MINUTE_MS = 60_000;
/** No window is closed for longer: one weekday a week, and a day that a change of zone may swallow. */
const LOOK_AHEAD_DAYS = 9;

/** When a window is open: the instant, and the same on a wall there: `Mon 23 Nov 09:00 America/New_York`. */
export interface Opening {
  readonly atMs: number;
  readonly there: string;
}

/** The first instant, not before the given one, at which the window is open. */
export async function nextOpening(window: CallWindow, afterMs: number): Promise<Opening> {
  const atMs = nextOpeningMs(window, afterMs);
  const there = DateTime.fromMillis(atMs, { zone: window.timeZone, locale: 'en-US' });
  return { atMs, there: `${there.toFormat('ccc d LLL HH:mm')} ${window.timeZone}` };
}

/**
 * The first instant, not before the given one, at which the window is open.
 *
 * Zone data differ between images, so workflow code takes this answer from history.
 *
 * @param afterMs Milliseconds since 1970; returned as it is while the window is open.
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

/** Whether the clock on the wall, at the place of the person called, shows a time inside the window. */
export function isOpen(window: CallWindow, atMs: number): boolean {
  const there = DateTime.fromMillis(atMs, { zone: window.timeZone });
  const minutes = there.hour * 60 + there.minute;
  return (
    (window.days?.includes(there.weekday) ?? true) &&
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
  // The clock jumps today, or at midnight: an hour is missing or comes twice, so each minute is looked at.
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
