import type { AttemptReport } from '../../src/call/api-types';
import {
  incidentsBetween,
  isHidden,
  wasReadBefore,
  wasDeliveredBefore,
  isUnreadable,
  neverEnds,
  planOf,
  postOf,
} from './evidence';
import { lost, type Case, type Dial, type RunEnd, type Violation } from './facts';

/** A listing that is requested this long after a call became visible shows it. */
const SHOWN_MS = 1_000;
/** A page that takes longer was lost with its worker at least once. */
const SLOW_PAGE_MS = 10_000;
/** The number of lost workers after which the deadline of a call can pass without a read. */
const LOSSES_THAT_STARVE = 2;

/** Violations of an attempt with the outcome unknown, for which the evidence must be insufficient. */
export function unknownViolations(
  facts: Case,
  { closedMs }: RunEnd,
  report: AttemptReport,
  dial: Dial,
): readonly Violation[] {
  const plan = planOf(postOf(dial, facts), facts);
  const endedMs = facts.truths.find(({ callId }) => callId === dial.callId)?.endedMs;
  if (neverEnds(plan) || endedMs === undefined || endedMs > closedMs) return [];
  const { number, placedBy } = report;
  if (wasDeliveredBefore(closedMs, dial, plan, facts)) {
    return [lost(`attempt ${number} is unknown, although its result was delivered`)];
  }
  if (placedBy !== undefined) return unreadViolations(facts, closedMs, number, dial, endedMs);
  if (isHidden(plan)) return [];
  const shownMs = dial.atMs + (plan.listing?.lagMs ?? 0) + SHOWN_MS;
  const finds = (facts.history?.finds ?? []).filter(
    ({ reference, scheduledMs }) => reference === dial.ref && scheduledMs > shownMs,
  );
  // A page that was lost with a frozen or killed worker costs 20 s, which can exceed the deadline.
  const isStarved = finds.some(
    ({ how, scheduledMs, closedMs: atMs = Infinity }) =>
      how !== 'completed' || atMs - scheduledMs > SLOW_PAGE_MS,
  );
  // Lost workers leave no time for all pages of a long listing.
  const isIncomplete =
    finds.length > 0 &&
    finds.every(({ isLast }) => !isLast) &&
    lostWorkers(shownMs, closedMs, facts) >= LOSSES_THAT_STARVE;
  if (isStarved || isIncomplete) return [];
  const where = finds.some(({ matches }) => matches > 0) ? 'a page of the listing' : 'the listing';
  return [lost(`attempt ${number} is unknown, although ${where} showed its call`)];
}

// --- internal ---

/** Violations of an unknown attempt whose call id was known. */
function unreadViolations(
  facts: Case,
  closedMs: number,
  number: number,
  dial: Dial,
  endedMs: number,
): readonly Violation[] {
  const plan = planOf(postOf(dial, facts), facts);
  if (isUnreadable(plan)) return [];
  if (wasReadBefore(closedMs, dial, plan, facts)) {
    return [lost(`attempt ${number} is unknown, although a read showed its result`)];
  }
  const isAsked = facts.reads.some(({ callId, atMs }) => callId === dial.callId && atMs > endedMs);
  // Each lost worker delays a read by 20 s.
  if (isAsked || lostWorkers(endedMs, closedMs, facts) >= LOSSES_THAT_STARVE) return [];
  return [lost(`attempt ${number} is unknown, and was never read after its end`)];
}

function lostWorkers(fromMs: number, toMs: number, facts: Case): number {
  return incidentsBetween(fromMs, toMs, facts).filter(({ text }) => text.includes('worker')).length;
}
