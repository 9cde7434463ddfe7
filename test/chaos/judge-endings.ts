import type { AttemptReport } from '../../src/call/messages';
import {
  believable,
  blowsBetween,
  dialsOf,
  isHidden,
  isShownBefore,
  isToldBefore,
  isUnreadable,
  neverEnds,
  planOf,
  postOf,
  postsOf,
} from './evidence';
import { attemptOf, type Case, type Dial, type Ending, type Violation } from './facts';

/** Rows are read this long after a call became visible: by then a listing that was asked for shows it. */
const SHOWN_MS = 1_000;
/** A page that takes longer was lost with its worker at least once. */
const SLOW_PAGE_MS = 10_000;
/** Of workers, until the deadline of a call has passed unread. */
const LOSSES_THAT_STARVE = 2;
const RAISED = /frozen|kill_after_raise/;

/** What the result of one conversation loses, or claims without knowing it. */
export function endingFaults(facts: Case): readonly Violation[] {
  // A run that is started again under a used id promises not to dial, and nothing about the run before it.
  const isAgain = facts.deeds.some(({ what }) => what === 'again');
  const ending = isAgain ? facts.endings[0] : facts.endings.at(-1);
  if (facts.openAtMs !== undefined || ending === undefined) return [];
  if (facts.drawn.isInvalid) return invalidFaults(facts, ending);
  const { result, failure } = ending;
  const reports = result?.attempts ?? failure?.attempts ?? [];
  const attempts = new Set([
    ...reports.map(({ number }) => number),
    ...facts.dials.map(({ ref }) => attemptOf(ref)),
  ]);
  return [
    ...(failure === undefined ? [] : failureFaults(facts, failure)),
    ...[...attempts].flatMap((number) =>
      attemptFaults(
        facts,
        ending,
        number,
        reports.find((report) => report.number === number),
      ),
    ),
    ...(result === undefined ? [] : gaveUpEarly(facts, ending)),
    ...(facts.history?.taskFailures ?? []).map((why) => lost(`a workflow task failed: ${why}`)),
    ...(facts.history?.places ?? [])
      .filter(({ how }) => how === 'failed')
      .map(({ reference }) =>
        lost(`placeCall of attempt ${attemptOf(reference)} failed by itself`),
      ),
  ];
}

// --- internal ---

function lost(what: string): Violation {
  return { category: 'lost', what };
}

function wrong(what: string): Violation {
  return { category: 'wrong', what };
}

function invalidFaults({ posts }: Case, { failure }: Ending): readonly Violation[] {
  const isRefused = failure?.type === 'InvalidInput';
  return [
    ...(isRefused ? [] : [wrong('a wrong input was not refused as InvalidInput')]),
    ...(posts.length === 0 ? [] : [wrong('a wrong input was sent to the vendor')]),
  ];
}

/** By which answers a run may fail; 429 and a vendor that is away only where `expiresAt` bounds the waiting. */
const FAILED_BY: Readonly<Record<string, readonly number[]>> = {
  bad_request: [400],
  unauthorized: [401],
  insufficient_credits: [402],
  forbidden: [403],
  agent_not_found: [404],
  refused: [404, 405, 414, 415, 422, 431],
  payload_too_large: [413],
  validation_error: [422],
  invalid_phone_number: [422],
  agent_not_active: [422],
  no_phone_number_configured: [422],
};

function failureFaults(facts: Case, failure: NonNullable<Ending['failure']>): readonly Violation[] {
  const { type, message } = failure;
  if (type === 'rate_limited' || type === 'truedy_unreachable') {
    const isBounded =
      facts.expiresMs !== undefined ||
      facts.deeds.some(({ what }) => /reschedule|expireSoon/.test(what));
    return isBounded ? [] : [lost(`it failed as ${type}, and nothing bounded its waiting`)];
  }
  const statuses = FAILED_BY[type];
  if (statuses === undefined) return [lost(`it failed untyped: ${type}: ${message}`)];
  const status = facts.posts.at(-1)?.status ?? 0;
  return statuses.includes(status)
    ? []
    : [wrong(`it failed as ${type} after the answer ${status}`)];
}

function attemptFaults(
  facts: Case,
  ending: Ending,
  number: number,
  report: AttemptReport | undefined,
): readonly Violation[] {
  const dials = dialsOf(number, facts);
  const [dial] = dials;
  if (dial === undefined) return report === undefined ? [] : silentFaults(facts, report);
  if (report === undefined) return untoldFaults(facts, number, dials);
  const { outcome = 'none', callId, learnedBy } = report;
  const plan = planOf(postOf(dial, facts), facts);
  const ids = dials.flatMap((one) => [one.callId, `${one.callId}_twin`]);
  const found: Violation[] = [];
  if (callId !== undefined && !ids.includes(callId)) {
    found.push(wrong(`attempt ${number} tells of a call that is not its own`));
  }
  if (learnedBy === 'resolve') {
    const isSaid = facts.deeds.some(
      (deed) => deed.attempt === number && deed.said === 'not_dialed',
    );
    return isSaid
      ? found
      : [...found, lost(`attempt ${number} rang, and counts as not dialed by nobody's word`)];
  }
  if (outcome === 'unknown') return [...found, ...unknownFaults(facts, ending, report, dial)];
  const isLive = facts.truths.find((one) => one.callId === dial.callId)?.endedMs === undefined;
  if (isLive || !believable(plan, facts).has(outcome as never)) {
    const phone = `${plan.phone ?? 'answered'}${isLive ? ' and still live' : ''}`;
    found.push(wrong(`attempt ${number} is told as ${outcome}; its phone was ${phone}`));
  }
  return found;
}

/** Of an attempt that rang, and that no report is about. */
function untoldFaults(
  { deeds }: Case,
  number: number,
  dials: readonly Dial[],
): readonly Violation[] {
  // Going back to a point before an attempt, an operator takes it out of what the new run knows.
  const resetMs = deeds.findLast(({ what }) => what === 'reset')?.answeredMs ?? 0;
  const isTakenOut = dials.every(({ atMs }) => atMs < resetMs);
  return isTakenOut ? [] : [lost(`attempt ${number} rang, and the result does not tell of it`)];
}

/** Of an attempt whose phone never rang. */
function silentFaults(
  facts: Case,
  { number, outcome, callId, learnedBy }: AttemptReport,
): readonly Violation[] {
  if (callId !== undefined)
    return [wrong(`attempt ${number} never rang, and is told as ${callId}`)];
  if (outcome === 'failed' && learnedBy === 'resolve') {
    const isSaid = facts.deeds.some(
      (deed) => deed.attempt === number && deed.said === 'not_dialed',
    );
    return isSaid ? [] : [wrong(`attempt ${number} counts as not dialed by nobody's word`)];
  }
  if (outcome !== 'unknown')
    return [wrong(`attempt ${number} never rang, and is told as ${outcome ?? 'nothing'}`)];
  const isSent = postsOf(number, facts).length > 0;
  const isRerun = facts.deeds.some(({ what }) => /reset|again/.test(what));
  const isLost = facts.history?.places.some(
    ({ reference, how }) => attemptOf(reference) === number && how === 'timed_out',
  );
  // Dispatched a second time, or handed over too long ago: neither happens without a disaster.
  const isHit = blowsBetween(facts.startedMs, Infinity, facts).some(({ what }) =>
    RAISED.test(what),
  );
  return isSent || isRerun || isLost === true || isHit
    ? []
    : [lost(`attempt ${number} is unknown, and nothing was in doubt`)];
}

/** Whether the evidence really left it open how the call ended. */
function unknownFaults(
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

/** A redial that the policy wants, that nothing forbade, and that never came. */
function gaveUpEarly(facts: Case, { result }: Ending): readonly Violation[] {
  const { redial } = facts.drawn.rest;
  const last = result?.attempts.at(-1);
  const { outcome } = last ?? {};
  if (redial === undefined || last === undefined || outcome === undefined) return [];
  const isWanted =
    (outcome === 'busy' || outcome === 'no_answer') && redial.after?.[outcome] !== undefined;
  const isFree =
    last.number < (redial.maxAttempts ?? 1) &&
    result?.outcome === outcome &&
    result.attempts.every(({ flags }) => flags === undefined) &&
    facts.deeds.every(({ what }) => !/stop|cancel/.test(what));
  return isWanted && isFree
    ? [wrong(`it ended after ${outcome}, and the policy wants attempt ${last.number + 1}`)]
    : [];
}
