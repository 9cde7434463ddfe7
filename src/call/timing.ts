import { scaledMs } from './text/duration';
import type { CompletionMode } from './input';
import type { CallPlan } from './plan';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The minimum time between two reads of one call. Truedy's guide: "no faster than every 5 s". */
const MIN_READ_GAP_MS = 5 * SECOND;
/** How far the clocks of a worker, the Temporal server and Truedy may differ, in either direction. */
export const MAX_CLOCK_DIFFERENCE_MS = 5 * SECOND;

/** When one call is read: instants in milliseconds since 1970, and durations that are already scaled. */
export interface Pace {
  readonly mode: CompletionMode;
  readonly pollEveryMs: number;
  readonly timeScale: number;
  /** When the request was sent, as far as is known. */
  readonly placedAtMs: number;
  /** When reading began: at the send in mode `poll`, after the grace period in mode `webhook`. */
  readonly since: number;
  /** After this instant a call that is not in progress is overdue. */
  readonly deadlineMs: number;
  /** After this instant every call is overdue. */
  readonly lastMs: number;
}

/**
 * When to read next.
 *
 * Mode `poll`: 5, 10 and 20 s after the send, then every `pollEvery`, but at least 60 s apart after 15 min
 * and 5 min apart after 2 h. Mode `webhook`: after `pollEvery`, doubling up to 5 min.
 *
 * @param nowMs When the last read ended. For the first read, when reading began.
 * @returns An instant at least 5 s (scaled) after `nowMs`.
 */
export function nextReadMs(pace: Pace, nowMs: number): number {
  const scaled = (ms: number) => scaledMs(ms, pace.timeScale);
  const gapMs =
    pace.mode === 'poll' ? pollGapMs(pace, nowMs, scaled) : fallbackGapMs(pace, nowMs, scaled);
  return nowMs + Math.max(gapMs, minReadGapMs(pace.timeScale));
}

/** The minimum time between two reads of one call. */
export function minReadGapMs(timeScale: number): number {
  return scaledMs(MIN_READ_GAP_MS, timeScale);
}

/** The delay before the next try of `lookCall`: 5 s, doubling up to 5 min. */
export function lookAgainMs(tries: number, timeScale: number): number {
  return doubling(MIN_READ_GAP_MS, 5 * MINUTE, tries, timeScale);
}

/** When a call is given up: after 15 min in Truedy's queue, `join_timeout`, `max_duration`, and another 10 min. */
export function deadlineMs(plan: CallPlan, sentAtMs: number): number {
  return sentAtMs + scaledMs(25 * MINUTE, plan.timeScale) + plan.joinTimeoutMs + plan.maxDurationMs;
}

/**
 * When the reads of one call end: at its deadlines, but not before 5 min of reading. Otherwise a call that is found
 * late, or has a grace period as long as its deadline, would be read only once.
 *
 * @param sinceMs When reading begins.
 */
export function readLimits(plan: CallPlan, sentAtMs: number, sinceMs: number) {
  const minimumMs = sinceMs + scaledMs(5 * MINUTE, plan.timeScale);
  return {
    deadlineMs: Math.max(deadlineMs(plan, sentAtMs), minimumMs),
    lastMs: Math.max(inProgressDeadlineMs(plan, sentAtMs), minimumMs),
  };
}

/** When a call that is reported in progress is given up: 4 h after the send, or later if `deadlineMs` is. */
export function inProgressDeadlineMs(plan: CallPlan, sentAtMs: number): number {
  return Math.max(sentAtMs + scaledMs(4 * HOUR, plan.timeScale), deadlineMs(plan, sentAtMs));
}

/**
 * How long an attempt can be unfinished at most, counted from its last question: the request, its settling, the call,
 * and the reads after each of them. After a run was terminated, nothing else ends its reservation.
 */
export function contactLeaseMs(plan: CallPlan): number {
  const readsMs = scaledMs(30 * MINUTE, plan.timeScale) + plan.completion.artifactsMs;
  const requestMs = sendLimits(plan.timeScale).startToCloseMs + plan.settleMs;
  return requestMs + inProgressDeadlineMs(plan, 0) + readsMs;
}

/** How soon a run asks again if another call to the same person is unfinished and nothing wakes it before. */
export function contactAskAgainMs(timeScale: number): number {
  return scaledMs(5 * MINUTE, timeScale);
}

/** How long a run repeats the report of an opt-out that its contact does not receive. */
export function optOutReportMs(timeScale: number): number {
  return scaledMs(HOUR, timeScale);
}

/** The time limits of the request that places a call, in milliseconds. */
export interface SendLimits {
  /** For the complete answer, including the time to connect. */
  readonly replyMs: number;
  /**
   * Nothing is sent later than this after the server handed the activity to a worker, by the server's clock.
   * The worker's clock may differ from the server's, so the worker stops `MAX_CLOCK_DIFFERENCE_MS` earlier.
   */
  readonly sendWithinMs: number;
  /** The start-to-close timeout of the activity: long enough for an answer that takes all of `replyMs`. */
  readonly startToCloseMs: number;
}

/** Scaled, but long enough for a slow answer from Truedy and for a worker whose clock is 5 s ahead. */
export function sendLimits(timeScale: number): SendLimits {
  const replyMs = Math.max(scaledMs(200 * SECOND, timeScale), 5 * SECOND);
  const sendWithinMs = Math.max(scaledMs(30 * SECOND, timeScale), 15 * SECOND);
  return { replyMs, sendWithinMs, startToCloseMs: replyMs + sendWithinMs };
}

/** When an unclear attempt is searched for and given up, in milliseconds since 1970. */
export interface SettleTimes {
  /** The listing is not read before this instant, because the request may still be in transit. */
  readonly settledMs: number;
  /** When the last listing is read, in case the call became visible late. */
  readonly lastLookMs: number;
  /** When the attempt ends as `unknown`, unless the last listing is still being read. */
  readonly overMs: number;
  /** When that listing is given up, too. */
  readonly lastMs: number;
}

/** Leaves time for the listings after `settle`, however long that is. */
export function settleTimes(plan: CallPlan, latestSendMs: number, nowMs: number): SettleTimes {
  const settledMs = latestSendMs + plan.settleMs;
  const listingsMs = scaledMs(5 * MINUTE, plan.timeScale);
  // Also counted from now, because the loss of a worker may be noticed after the deadline.
  const minimumMs = Math.max(settledMs, nowMs) + listingsMs;
  const overMs = Math.max(deadlineMs(plan, latestSendMs), minimumMs);
  const lastLookMs = overMs - scaledMs(MINUTE, plan.timeScale);
  return { settledMs, lastLookMs, overMs, lastMs: overMs + listingsMs };
}

/** How long `resolve` waits for a read of the id it names: enough for at least one complete read. */
export function lookMs(timeScale: number): number {
  return Math.max(listingGapMs(timeScale), 12 * SECOND);
}

/** The minimum time between two complete listings that are compared. */
export function listingGapMs(timeScale: number): number {
  return scaledMs(30 * SECOND, timeScale);
}

/** How long a deferred request waits if Truedy named no time: 1 s, doubling up to 2 min. */
export function backOffMs(tries: number, timeScale: number): number {
  return doubling(SECOND, 2 * MINUTE, tries, timeScale);
}

/** How long a send waits for our own conditions, such as an unreachable dial check: 1 s, doubling up to 15 min. */
export function conditionsBackOffMs(tries: number, timeScale: number): number {
  return doubling(SECOND, 15 * MINUTE, tries, timeScale);
}

/** One poll of a caller that waits for a call it did not start: how long it waits itself, and the delay to the next. */
export interface AttachPace {
  readonly pollMs: number;
  readonly delayMs: number;
}

/**
 * Waits 20 s for a call that can end at any time, and returns after at most another 20 s. While the call itself waits,
 * only the first poll does, and the delay doubles from 5 s to 5 min: nothing is held for the days of a redial.
 *
 * @param polls How many polls were made, including this one.
 */
export function attachPace(polls: number, isLive: boolean, timeScale: number): AttachPace {
  const pollMs = isLive || polls === 1 ? scaledMs(20 * SECOND, timeScale) : 0;
  const maxMs = isLive ? 20 * SECOND : 5 * MINUTE;
  return { pollMs, delayMs: doubling(5 * SECOND, maxMs, polls, timeScale) };
}

/** How long a held run waits before the next request: 1 min, doubling up to 15 min. */
export function holdMs(tries: number, timeScale: number): number {
  return doubling(MINUTE, 15 * MINUTE, tries, timeScale);
}

/** Consecutive deferrals with the same origin. */
export interface Streak {
  /** Whether our own conditions caused them, rather than Truedy. */
  readonly isOurs: boolean;
  readonly count: number;
  readonly sinceMs: number;
}

/** Adds a deferral to the streak. Waiting for our own conditions does not count as backing off from Truedy. */
export function extendStreak(streak: Streak | undefined, isOurs: boolean, nowMs: number): Streak {
  if (streak === undefined || streak.isOurs !== isOurs) return { isOurs, count: 1, sinceMs: nowMs };
  return { ...streak, count: streak.count + 1 };
}

/** After this long backing off, a run enters the phase `held`. */
export function heldAfterMs(timeScale: number): number {
  return scaledMs(2 * MINUTE, timeScale);
}

/** After this long backing off, a run without `expiresAt` fails. */
export function giveUpAfterMs(timeScale: number): number {
  return scaledMs(24 * HOUR, timeScale);
}

// --- internal ---

function pollGapMs(pace: Pace, nowMs: number, scaled: (ms: number) => number): number {
  const ageMs = nowMs - pace.placedAtMs;
  for (const early of [5, 10, 20]) {
    if (ageMs < scaled(early * SECOND)) return scaled(early * SECOND) - ageMs;
  }
  if (ageMs >= scaled(2 * HOUR)) return Math.max(pace.pollEveryMs, scaled(5 * MINUTE));
  if (ageMs >= scaled(15 * MINUTE)) return Math.max(pace.pollEveryMs, scaled(MINUTE));
  return pace.pollEveryMs;
}

function fallbackGapMs(pace: Pace, nowMs: number, scaled: (ms: number) => number): number {
  // The sum of doubling gaps is the time passed: gaps of 30, 60 and 120 s begin 0, 30 and 90 s after the first read.
  const doubledMs = nowMs - pace.since + pace.pollEveryMs;
  return Math.max(pace.pollEveryMs, Math.min(doubledMs, scaled(5 * MINUTE)));
}

function doubling(firstMs: number, maxMs: number, tries: number, timeScale: number): number {
  return scaledMs(Math.min(firstMs * 2 ** Math.min(tries - 1, 16), maxMs), timeScale);
}
