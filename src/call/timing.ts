import { scaledMs } from './text/duration';
import type { CompletionMode } from './input';
import type { CallPlan } from './plan';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Reads of one call are never closer than this, whatever asks for them. Vendor's guide: "no faster than every 5 s". */
const FLOOR_MS = 5 * SECOND;
/** How far the clocks of a worker, of Temporal's server and of Truedy may differ, either way. */
export const MAX_CLOCK_DIFFERENCE_MS = 5 * SECOND;

/** The clock of one call's reads: instants in milliseconds since 1970, spans already scaled. */
export interface Pace {
  readonly mode: CompletionMode;
  readonly pollEveryMs: number;
  readonly timeScale: number;
  /** When the request was sent, or found to have been sent. */
  readonly placedAtMs: number;
  /** When the reading began: the send in mode `poll`, the end of the grace in mode `webhook`. */
  readonly since: number;
  /** Past this instant a call that is not in progress is overdue. */
  readonly deadlineMs: number;
  /** Past this instant every call is. */
  readonly lastMs: number;
}

/**
 * When to read next.
 *
 * Mode `poll`: 5, 10 and 20 s after the send, then every `pollEvery`; after 15 min not under 60 s,
 * after 2 h not under 5 min. Mode `webhook`: after `pollEvery`, doubling up to 5 min.
 *
 * @param nowMs When the last read ended; for the first one, when the reading began.
 * @returns An instant at least 5 s (scaled) after `nowMs`.
 */
export function nextReadMs(pace: Pace, nowMs: number): number {
  const scaled = (ms: number) => scaledMs(ms, pace.timeScale);
  const gap =
    pace.mode === 'poll' ? pollGap(pace, nowMs, scaled) : fallbackGap(pace, nowMs, scaled);
  return nowMs + Math.max(gap, floorMs(pace.timeScale));
}

/** The least time between two reads of one call. */
export function floorMs(timeScale: number): number {
  return scaledMs(FLOOR_MS, timeScale);
}

function pollGap(pace: Pace, nowMs: number, scaled: (ms: number) => number): number {
  const age = nowMs - pace.placedAtMs;
  for (const early of [5, 10, 20]) {
    if (age < scaled(early * SECOND)) return scaled(early * SECOND) - age;
  }
  if (age >= scaled(2 * HOUR)) return Math.max(pace.pollEveryMs, scaled(5 * MINUTE));
  if (age >= scaled(15 * MINUTE)) return Math.max(pace.pollEveryMs, scaled(MINUTE));
  return pace.pollEveryMs;
}

function fallbackGap(pace: Pace, nowMs: number, scaled: (ms: number) => number): number {
  // Gaps that double add up to the time passed: 30, 60, 120 s lie 0, 30, 90 s after the first read.
  const doubled = nowMs - pace.since + pace.pollEveryMs;
  return Math.max(pace.pollEveryMs, Math.min(doubled, scaled(5 * MINUTE)));
}

/** How long after a failed look at a named call the next one follows: 5 s, doubling up to 5 min. */
export function lookAgainMs(tries: number, timeScale: number): number {
  return doubling(FLOOR_MS, 5 * MINUTE, tries, timeScale);
}

/** When a call is given up: 15 min in the vendor's queue, `join_timeout`, `max_duration`, and 10 min more. */
export function deadlineMs(plan: CallPlan, sentAtMs: number): number {
  return sentAtMs + scaledMs(25 * MINUTE, plan.timeScale) + plan.joinTimeoutMs + plan.maxDurationMs;
}

/**
 * When the reads of one call end: at its deadlines, and not before 5 min of reading. A call that is found late, or a
 * grace as long as the deadline, would otherwise leave it to a single read.
 *
 * @param sinceMs When the reading begins.
 */
export function readLimits(plan: CallPlan, sentAtMs: number, sinceMs: number) {
  const leastMs = sinceMs + scaledMs(5 * MINUTE, plan.timeScale);
  return {
    deadlineMs: Math.max(deadlineMs(plan, sentAtMs), leastMs),
    lastMs: Math.max(lastMs(plan, sentAtMs), leastMs),
  };
}

/** When even a call that is said to be in progress is given up: 4 h after the send. */
export function lastMs(plan: CallPlan, sentAtMs: number): number {
  return Math.max(sentAtMs + scaledMs(4 * HOUR, plan.timeScale), deadlineMs(plan, sentAtMs));
}

/** The limits of the one request that rings, in milliseconds. */
export interface SendLimits {
  /** For the whole answer, from the first step of the connection on. */
  readonly replyMs: number;
  /**
   * No byte leaves later than this after the server handed the activity to a worker, by the server's clock.
   * A worker compares its own clock with the server's, so it stops `MAX_CLOCK_DIFFERENCE_MS` earlier.
   */
  readonly sendWithinMs: number;
  /** When the server gives the activity up: an answer that takes all of `replyMs` still arrives. */
  readonly startToCloseMs: number;
}

/** Scaled, but never so short that a healthy vendor, or a worker whose clock is 5 s ahead, misses them. */
export function sendLimits(timeScale: number): SendLimits {
  const replyMs = Math.max(scaledMs(200 * SECOND, timeScale), 5 * SECOND);
  const sendWithinMs = Math.max(scaledMs(30 * SECOND, timeScale), 15 * SECOND);
  return { replyMs, sendWithinMs, startToCloseMs: replyMs + sendWithinMs };
}

/** The instants of an attempt whose answer was lost, in milliseconds since 1970. */
export interface SettleTimes {
  /** No listing before: the request may still be on its way. */
  readonly settledMs: number;
  /** The last listing begins, for a call that became visible late. */
  readonly lastLookMs: number;
  /** The attempt ends as `unknown`, unless the last listing is still being read. */
  readonly overMs: number;
  /** Past this instant that listing is given up too. */
  readonly lastMs: number;
}

/** However long `settle` is, there is time for the listings after it. */
export function settleTimes(plan: CallPlan, latestSendMs: number, nowMs: number): SettleTimes {
  const settledMs = latestSendMs + plan.settleMs;
  const listingsMs = scaledMs(5 * MINUTE, plan.timeScale);
  // Counted from now, too: a worker that was lost may be noticed after its deadline.
  const leastMs = Math.max(settledMs, nowMs) + listingsMs;
  const overMs = Math.max(deadlineMs(plan, latestSendMs), leastMs);
  const lastLookMs = overMs - scaledMs(MINUTE, plan.timeScale);
  return { settledMs, lastLookMs, overMs, lastMs: overMs + listingsMs };
}

/** How long an id that a person named is read before the person is answered: at least one whole read. */
export function lookMs(timeScale: number): number {
  return Math.max(listingGapMs(timeScale), 12 * SECOND);
}

/** When two complete listings that agree are far enough apart. */
export function listingGapMs(timeScale: number): number {
  return scaledMs(30 * SECOND, timeScale);
}

/** How long a deferred request waits where the vendor named no instant: 1 s, doubling up to 2 min. */
export function backOffMs(tries: number, timeScale: number): number {
  return doubling(SECOND, 2 * MINUTE, tries, timeScale);
}

/** How long a send waits for our own side, such as a dial check that does not answer: 1 s, doubling up to 15 min. */
export function conditionsBackOffMs(tries: number, timeScale: number): number {
  return doubling(SECOND, 15 * MINUTE, tries, timeScale);
}

/** How long a held run waits before it tries the account again: 1 min, doubling up to 15 min. */
export function holdMs(tries: number, timeScale: number): number {
  return doubling(MINUTE, 15 * MINUTE, tries, timeScale);
}

function doubling(firstMs: number, mostMs: number, tries: number, timeScale: number): number {
  return scaledMs(Math.min(firstMs * 2 ** Math.min(tries - 1, 16), mostMs), timeScale);
}

/** Deferrals in a row, by the vendor or by our own side's conditions. */
export interface Streak {
  readonly isOurs: boolean;
  readonly count: number;
  readonly sinceMs: number;
}

/** The streak after one more deferral. Days of waiting for our own conditions are no backing off from the vendor. */
export function longer(streak: Streak | undefined, isOurs: boolean, nowMs: number): Streak {
  if (streak === undefined || streak.isOurs !== isOurs) return { isOurs, count: 1, sinceMs: nowMs };
  return { ...streak, count: streak.count + 1 };
}

/** After this much backing off the run shows itself as held. */
export function heldAfterMs(timeScale: number): number {
  return scaledMs(2 * MINUTE, timeScale);
}

/** After this much backing off without an `expiresAt` the run fails. */
export function giveUpAfterMs(timeScale: number): number {
  return scaledMs(24 * HOUR, timeScale);
}
