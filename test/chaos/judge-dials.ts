import type { AttemptReport } from '../../src/call/api-types';
import {
  incidentsBetween,
  dialsOf,
  isHidden,
  isMisreported,
  planOf,
  postOf,
  postsOf,
  provesNoDial,
  truthOf,
  neverEnds,
} from './evidence';
import { attemptOf, CONNECTIONS_CLOSED, type Case, type Dial } from './facts';
import { scaled } from './scale';

/** Simulator and server share a clock. This allows for the delay between two processes. */
const MOMENT_MS = 250;
/** How late a worker may be that was frozen or has a slow clock. The product's own limit is 10 s. */
const LATE_MS = 2_000;
const LATE_AFTER_INCIDENT_MS = 15_000;

/** One line for each dial of a call that was repeated, too early or too late. */
export function doubledIn(facts: Case): readonly string[] {
  const attempts = [...new Set(facts.posts.map(({ ref }) => attemptOf(ref)))].sort((a, b) => a - b);
  return attempts.flatMap((attempt) => [
    ...duplicatesOf(attempt, facts),
    ...(attempt > 1 ? sentTooSoon(attempt, facts) : []),
    ...sentTooLate(attempt, facts),
    ...sentOutsideLimits(attempt, facts),
  ]);
}

/** How late a request between two instants may be. */
export function lateness(fromMs: number, toMs: number, facts: Case): number {
  const sinceMs = Math.min(fromMs, toMs) - LATE_AFTER_INCIDENT_MS;
  const isHit = incidentsBetween(sinceMs, toMs, facts).some(
    ({ text }) => text !== CONNECTIONS_CLOSED,
  );
  return isHit ? LATE_AFTER_INCIDENT_MS : LATE_MS;
}

// --- internal ---

function duplicatesOf(attempt: number, facts: Case): readonly string[] {
  const found: string[] = [];
  const dials = dialsOf(attempt, facts);
  const requests = new Set(dials.map(({ postNo }) => postNo));
  if (requests.size > 1) found.push(`attempt ${attempt} was dialed for ${requests.size} requests`);
  for (const postNo of requests) {
    const same = dials.filter((dial) => dial.postNo === postNo);
    const isVendorFault = postOf(same[0] as Dial, facts)?.fault === 'dials_twice';
    if (same.length > 1 && !isVendorFault)
      found.push(`request ${postNo} was dialed ${same.length} times`);
  }
  const posts = postsOf(attempt, facts);
  const unproven = posts.slice(0, -1).filter((post) => !provesNoDial(post, facts));
  if (unproven.length > 0) {
    const answers = unproven.map(({ status }) => status ?? 'no answer').join(', ');
    found.push(`attempt ${attempt} was sent again after ${answers}, which proves nothing`);
  }
  return found;
}

/** Conditions that the next attempt did not wait for. */
function sentTooSoon(attempt: number, facts: Case): readonly string[] {
  const found: string[] = [];
  const first = postsOf(attempt, facts)[0];
  const before = attempt - 1;
  if (first === undefined) return [];
  const { redial } = facts.drawn.rest;
  const again = `attempt ${attempt} was sent`;
  if (attempt > (redial?.maxAttempts ?? 1)) found.push(`${again}, beyond maxAttempts`);
  const after = redial?.after ?? {};
  const policy: ReadonlySet<string> = new Set(Object.keys(after));
  const known = reportOf(before, facts);
  // After a reset or a second start, the last report is not from the run that sent the request.
  const isRerun = facts.actions.some(({ name }) => name === 'reset' || name === 'again');
  if (!isRerun && known?.outcome !== undefined && !policy.has(known.outcome)) {
    found.push(`${again} after ${known.outcome}, which is not in the policy`);
  }
  for (const dial of dialsOf(before, facts)) {
    const plan = planOf(postOf(dial, facts), facts);
    if (isResolvedAsNotDialed(before, facts) && isHidden(plan)) continue;
    // Every report says that it failed.
    if (isMisreported(plan) && neverEnds(plan)) continue;
    const endedMs = facts.truths.find(({ callId }) => callId === dial.callId)?.endedMs;
    if (endedMs === undefined || endedMs > first.atMs) {
      found.push(`${again} while the phone of attempt ${before} was still live`);
    } else if (
      !isMisreported(plan) &&
      ![...truthOf(plan, facts)].some((outcome) => policy.has(outcome))
    ) {
      found.push(`${again} although attempt ${before} was ${plan.phone ?? 'answered'}`);
    }
    const least = Math.min(...Object.values(after).flat().map(scaled));
    if (first.atMs < dial.atMs + least && !isRescheduled(facts)) {
      found.push(`${again} before the delay of the policy`);
    }
  }
  const resolved = isResolvedAsNotDialed(before, facts);
  const lastMs = postsOf(before, facts).at(-1)?.atMs;
  if (known?.learnedBy === 'resolve' && resolved && lastMs !== undefined) {
    const settledMs = lastMs + scaled(facts.drawn.rest.placement?.settle ?? '330s');
    if (first.atMs < settledMs - lateness(settledMs, first.atMs, facts)) {
      found.push(`${again} before attempt ${before} had settled, after resolve`);
    }
  }
  return found;
}

function sentTooLate(attempt: number, facts: Case): readonly string[] {
  const found: string[] = [];
  const next = postsOf(attempt + 1, facts)[0];
  const closedMs = facts.openAtMs === undefined ? facts.runEnds.at(-1)?.closedMs : undefined;
  for (const { atMs, ref } of postsOf(attempt, facts)) {
    const sent = `attempt ${attempt} was sent`;
    if (next !== undefined && atMs > next.atMs) found.push(`${sent} after attempt ${attempt + 1}`);
    if (closedMs !== undefined && atMs > closedMs + MOMENT_MS) found.push(`${sent} after the end`);
    const givenUp = facts.history?.places.find(
      ({ reference, how, closedMs: endMs }) =>
        reference === ref && how === 'timed_out' && atMs > (endMs ?? Infinity) + MOMENT_MS,
    );
    if (givenUp !== undefined) found.push(`${sent} after Temporal had given it up`);
  }
  return found;
}

function sentOutsideLimits(attempt: number, facts: Case): readonly string[] {
  const found: string[] = [];
  const { expiresMs = Infinity, notBeforeMs = 0 } = facts;
  for (const { atMs } of postsOf(attempt, facts)) {
    const moved = facts.actions.filter(({ name }) => /reschedule|expireSoon/.test(name)).length > 0;
    if (moved) continue;
    if (atMs > expiresMs + lateness(expiresMs, atMs, facts)) {
      found.push(`attempt ${attempt} was sent ${atMs - expiresMs} ms after expiresAt`);
    }
    if (atMs < notBeforeMs - MOMENT_MS && !isRescheduled(facts)) {
      found.push(`attempt ${attempt} was sent before notBefore`);
    }
  }
  const first = postsOf(attempt, facts)[0];
  const stop = facts.actions.find(({ name, answer }) => name === 'stop' && answer === 'accepted');
  const stoppedMs = stop?.answeredMs;
  if (attempt > 1 && first !== undefined && stoppedMs !== undefined && facts.runEnds.length < 2) {
    if (first.atMs > stoppedMs + lateness(stoppedMs, first.atMs, facts)) {
      found.push(`attempt ${attempt} was sent after stop was accepted`);
    }
  }
  return found;
}

function reportOf(attempt: number, { runEnds }: Case): AttemptReport | undefined {
  const last = runEnds.at(-1);
  const reports = last?.result?.attempts ?? last?.failure?.attempts ?? [];
  return reports.find(({ number }) => number === attempt);
}

/** Whether a person resolved the attempt as not dialed. */
function isResolvedAsNotDialed(attempt: number, { actions }: Case): boolean {
  return actions.some((action) => action.attempt === attempt && action.resolution === 'not_dialed');
}

function isRescheduled({ actions }: Case): boolean {
  return actions.some(({ name }) => /redialNow|reschedule/.test(name));
}
