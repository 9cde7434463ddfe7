import type { AttemptReport } from '../../src/call/api-types';
import {
  blowsBetween,
  dialsOf,
  isHidden,
  isMisreported,
  planOf,
  postOf,
  postsOf,
  provesNothingRang,
  truthOf,
} from './evidence';
import { attemptOf, type Case, type Deed, type Dial } from './facts';
import { scaled } from './scale';

/** The simulator's clock and the server's are one; between two processes lies a moment. */
const MOMENT_MS = 250;
/** What a worker that was frozen, or whose clock is behind, may be late by. The product's own limit is 10 s. */
const LATE_MS = 2_000;
const LATE_IN_A_BLOW_MS = 15_000;

/** Whom the phones of one conversation rang too often, too soon or too late: a line for each. */
export function doubledIn(facts: Case): readonly string[] {
  const attempts = [...new Set(facts.posts.map(({ ref }) => attemptOf(ref)))].sort((a, b) => a - b);
  return attempts.flatMap((attempt) => [
    ...twiceIn(attempt, facts),
    ...(attempt > 1 ? tooSoon(attempt, facts) : []),
    ...afterItWasOver(attempt, facts),
    ...outsideItsTime(attempt, facts),
  ]);
}

// --- internal ---

function twiceIn(attempt: number, facts: Case): readonly string[] {
  const found: string[] = [];
  const dials = dialsOf(attempt, facts);
  const requests = new Set(dials.map(({ postNo }) => postNo));
  if (requests.size > 1) found.push(`attempt ${attempt} rang for ${requests.size} requests`);
  for (const postNo of requests) {
    const same = dials.filter((dial) => dial.postNo === postNo);
    const isVendors = postOf(same[0] as Dial, facts)?.fault === 'dials_twice';
    if (same.length > 1 && !isVendors) found.push(`request ${postNo} rang ${same.length} times`);
  }
  const posts = postsOf(attempt, facts);
  const unproven = posts.slice(0, -1).filter((post) => !provesNothingRang(post, facts));
  if (unproven.length > 0) {
    const answers = unproven.map(({ status }) => status ?? 'no answer').join(', ');
    found.push(`attempt ${attempt} was sent again after ${answers}, which proves nothing`);
  }
  return found;
}

/** What another attempt has to wait for. */
function tooSoon(attempt: number, facts: Case): readonly string[] {
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
  // Of a run that was reset, or started again, the last report is another run's than the one that sent.
  const isRerun = facts.deeds.some(({ what }) => what === 'reset' || what === 'again');
  if (!isRerun && known?.outcome !== undefined && !policy.has(known.outcome)) {
    found.push(`${again} after ${known.outcome}, which the policy does not name`);
  }
  for (const dial of dialsOf(before, facts)) {
    const plan = planOf(postOf(dial, facts), facts);
    if (isDenied(before, facts) && isHidden(plan)) continue;
    const endedMs = facts.truths.find(({ callId }) => callId === dial.callId)?.endedMs;
    if (endedMs === undefined || endedMs > first.atMs) {
      found.push(`${again} while the phone of attempt ${before} was still live`);
    } else if (!isMisreported(plan) && ![...truthOf(plan, facts)].some((one) => policy.has(one))) {
      found.push(`${again} though attempt ${before} was ${plan.phone ?? 'answered'}`);
    }
    const least = Math.min(...Object.values(after).flat().map(scaled));
    if (first.atMs < dial.atMs + least && !isWoken(facts)) {
      found.push(`${again} before the delay of the policy`);
    }
  }
  const word = facts.deeds.find((deed) => deed.attempt === before && deed.said === 'not_dialed');
  const lastMs = postsOf(before, facts).at(-1)?.atMs;
  if (known?.learnedBy === 'resolve' && word !== undefined && lastMs !== undefined) {
    const settledMs = lastMs + scaled(facts.drawn.rest.placement?.settle ?? '330s');
    if (first.atMs < settledMs - lateness(settledMs, first.atMs, facts)) {
      found.push(`${again} before attempt ${before} had settled, on a person's word`);
    }
  }
  return found;
}

function afterItWasOver(attempt: number, facts: Case): readonly string[] {
  const found: string[] = [];
  const next = postsOf(attempt + 1, facts)[0];
  const closedMs = facts.openAtMs === undefined ? facts.endings.at(-1)?.closedMs : undefined;
  for (const { atMs, ref } of postsOf(attempt, facts)) {
    const sent = `attempt ${attempt} was sent`;
    if (next !== undefined && atMs > next.atMs) found.push(`${sent} after attempt ${attempt + 1}`);
    if (closedMs !== undefined && atMs > closedMs + MOMENT_MS) found.push(`${sent} after the end`);
    const given = facts.history?.places.find(
      ({ reference, how, closedMs: gone }) =>
        reference === ref && how === 'timed_out' && atMs > (gone ?? Infinity) + MOMENT_MS,
    );
    if (given !== undefined) found.push(`${sent} after Temporal had given it up`);
  }
  return found;
}

function outsideItsTime(attempt: number, facts: Case): readonly string[] {
  const found: string[] = [];
  const { expiresMs = Infinity, notBeforeMs = 0 } = facts;
  for (const { atMs } of postsOf(attempt, facts)) {
    const moved = facts.deeds.filter(({ what }) => /reschedule|expireSoon/.test(what)).length > 0;
    if (moved) continue;
    if (atMs > expiresMs + lateness(expiresMs, atMs, facts)) {
      found.push(`attempt ${attempt} was sent ${atMs - expiresMs} ms after expiresAt`);
    }
    if (atMs < notBeforeMs - MOMENT_MS && !isWoken(facts)) {
      found.push(`attempt ${attempt} was sent before notBefore`);
    }
  }
  const first = postsOf(attempt, facts)[0];
  const stop = facts.deeds.find(({ what, answer }) => what === 'stop' && answer === 'taken');
  const stoppedMs = stop?.answeredMs;
  if (attempt > 1 && first !== undefined && stoppedMs !== undefined && facts.endings.length < 2) {
    if (first.atMs > stoppedMs + lateness(stoppedMs, first.atMs, facts)) {
      found.push(`attempt ${attempt} was sent after stop was taken`);
    }
  }
  return found;
}

function lateness(fromMs: number, toMs: number, facts: Case): number {
  const isHit = blowsBetween(Math.min(fromMs, toMs) - LATE_IN_A_BLOW_MS, toMs, facts).length > 0;
  return isHit ? LATE_IN_A_BLOW_MS : LATE_MS;
}

function reportOf(attempt: number, { endings }: Case): AttemptReport | undefined {
  const last = endings.at(-1);
  const reports = last?.result?.attempts ?? last?.failure?.attempts ?? [];
  return reports.find(({ number }) => number === attempt);
}

/** Whether somebody said of the attempt that it was not dialed. */
function isDenied(attempt: number, { deeds }: Case): boolean {
  return deeds.some((deed) => deed.attempt === attempt && deed.said === 'not_dialed');
}

function isWoken({ deeds }: Case): boolean {
  return deeds.some((deed: Deed) => /redialNow|reschedule/.test(deed.what));
}
