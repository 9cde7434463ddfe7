import type { AttemptReport } from '../../src/call/api-types';
import {
  blowsBetween,
  isHidden,
  isShownBefore,
  isToldBefore,
  isUnreadable,
  neverEnds,
  planOf,
  postOf,
} from './evidence';
import { lost, type Case, type Dial, type Ending, type Violation } from './facts';

/** Rows are read this long after a call became visible: by then a listing that was asked for shows it. */
const SHOWN_MS = 1_000;
/** A page that takes longer was lost with its worker at least once. */
const SLOW_PAGE_MS = 10_000;
/** Of workers, until the deadline of a call has passed unread. */
const LOSSES_THAT_STARVE = 2;

/** Whether the evidence really left it open how the call ended. */
export function unknownFaults(
  facts: Case,
  { closedMs }: Ending,
  report: AttemptReport,
  dial: Dial,
): readonly Violation[] {
  const plan = planOf(postOf(dial, facts), facts);
  const endedMs = facts.truths.find(({ callId }) => callId === dial.callId)?.endedMs;
  if (neverEnds(plan) || endedMs === undefined || endedMs > closedMs) return [];
  const { number, placedBy } = report;
  if (isToldBefore(closedMs, dial, plan, facts)) {
    return [lost(`attempt ${number} is unknown, though its ending was delivered`)];
  }
  if (placedBy !== undefined) return unreadFaults(facts, closedMs, number, dial, endedMs);
  if (isHidden(plan)) return [];
  const shownMs = dial.atMs + (plan.listing?.lagMs ?? 0) + SHOWN_MS;
  const finds = (facts.history?.finds ?? []).filter(
    ({ reference, scheduledMs }) => reference === dial.ref && scheduledMs > shownMs,
  );
  // A page that a frozen or a killed worker took with it costs 20 s, and so may cost the deadline.
  const isStarved = finds.some(
    ({ how, scheduledMs, closedMs = Infinity }) =>
      how !== 'completed' || closedMs - scheduledMs > SLOW_PAGE_MS,
  );
  return isStarved
    ? []
    : [lost(`attempt ${number} is unknown, though the listing showed its call`)];
}

// --- internal ---

/** Whether a call that was known to exist was really asked for in vain. */
function unreadFaults(
  facts: Case,
  closedMs: number,
  number: number,
  dial: Dial,
  endedMs: number,
): readonly Violation[] {
  const plan = planOf(postOf(dial, facts), facts);
  if (isUnreadable(plan)) return [];
  if (isShownBefore(closedMs, dial, plan, facts)) {
    return [lost(`attempt ${number} is unknown, though a read showed its ending`)];
  }
  const isAsked = facts.reads.some(({ callId, atMs }) => callId === dial.callId && atMs > endedMs);
  // Each worker that is lost takes a read with it for 20 s.
  const losses = blowsBetween(endedMs, closedMs, facts).filter(({ what }) => /worker/.test(what));
  if (isAsked || losses.length >= LOSSES_THAT_STARVE) return [];
  return [lost(`attempt ${number} is unknown, and nobody asked how it ended`)];
}
