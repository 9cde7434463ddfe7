import { DateTime } from 'luxon';
import type { Span } from '../call/contact/contact';

const MINUTE_MS = 60_000;

/**
 * The local days and weeks around an instant: the current, the previous and the next one. Weeks begin on Monday.
 *
 * A span reaches from the first to the last instant with a date. Where a clock is set back over midnight, two days
 * overlap. A day without clock changes has 24 hours, others have 23 or 25.
 *
 * @param zone An IANA name.
 * @param atMs Milliseconds since 1970.
 */
export function contactSpans(zone: string, atMs: number): ContactSpans {
  const today = DateTime.fromMillis(atMs, { zone }).toISODate() ?? '';
  const key = `${zone} ${today}`;
  const known = KNOWN.get(key);
  if (known !== undefined) return known;
  const date = DateTime.fromISO(today, { zone: 'UTC' });
  const monday = date.startOf('week');
  const spans = {
    days: [-1, 0, 1].flatMap((days) => spanOf(zone, date.plus({ days }), 1)),
    weeks: [-1, 0, 1].flatMap((weeks) => spanOf(zone, monday.plus({ weeks }), 7)),
  };
  if (KNOWN.size >= MAX_KNOWN) KNOWN.clear();
  KNOWN.set(key, spans);
  return spans;
}

// --- internal ---

interface ContactSpans {
  readonly days: readonly Span[];
  readonly weeks: readonly Span[];
}

/** The same few dates are asked for again and again, by zone and date. */
const KNOWN = new Map<string, ContactSpans>();
const MAX_KNOWN = 1_000;

/** The span of consecutive dates, which are midnights in UTC. Empty if the zone skips all of them. */
function spanOf(zone: string, first: DateTime, days: number): readonly Span[] {
  const startMs = edgeMs(zone, first, 'first');
  const endMs = edgeMs(zone, first.plus({ days }), 'last');
  return startMs < endMs ? [{ startMs, endMs }] : [];
}

/**
 * `first`: the first instant on the date or later. `last`: the instant after the last one before the date. They differ
 * only where a clock is set back over midnight.
 */
function edgeMs(zone: string, date: DateTime, edge: 'first' | 'last'): number {
  const midnightMs = date.toMillis();
  const offsetAt = (ms: number) => DateTime.fromMillis(ms, { zone }).offset * MINUTE_MS;
  // By the offsets of a day before and after, between which every clock change of that midnight lies.
  const guesses = [-1, 1].map((days) => midnightMs - offsetAt(midnightMs + days * 86_400_000));
  const lowMs = Math.min(...guesses) - 3 * 3_600_000;
  const highMs = Math.max(...guesses) + 3 * 3_600_000;
  if (offsetAt(lowMs) === offsetAt(highMs)) return midnightMs - offsetAt(lowMs);
  const isOnOrAfter = (ms: number) => ms + offsetAt(ms) >= midnightMs;
  if (edge === 'first') {
    for (let atMs = lowMs; atMs < highMs; atMs += MINUTE_MS) if (isOnOrAfter(atMs)) return atMs;
    return highMs;
  }
  for (let atMs = highMs; atMs > lowMs; atMs -= MINUTE_MS) {
    if (!isOnOrAfter(atMs - MINUTE_MS)) return atMs;
  }
  return lowMs;
}
