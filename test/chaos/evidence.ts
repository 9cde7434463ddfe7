import type { Outcome } from '../../src/call/outcome';
import type { Phone, CallScript } from '../../src/testing/simulator/script/script';
import type { Case, Dial, Post, ReadFact } from './facts';
import { attemptOf } from './facts';
import { PLAIN } from './draw-plan';

/** Statuses that prove that no phone was dialed, even if a proxy sent them. See docs/unknown.md. */
const PROOFS: ReadonlySet<number | null> = new Set([
  400, 401, 402, 403, 404, 405, 413, 414, 415, 422, 429, 431,
]);

/** Whether the answer proves that no phone was dialed. A 404 may be about the call instead. */
export function provesNoDial(post: Post, { dials }: Case): boolean {
  return PROOFS.has(post.status) && !dials.some(({ postNo }) => postNo === post.seq);
}

/** The plan that was applied to a POST. `PLAIN` if the POST was refused before a plan was applied. */
export function planOf(post: Post | undefined, { posts, drawn, plans }: Case): CallScript {
  if (plans !== undefined) return plans.get(post?.seq ?? 0) ?? PLAIN;
  const planned = posts.filter(hasPlan);
  const place = planned.findIndex(({ seq }) => seq === post?.seq);
  return place < 0 ? PLAIN : (drawn.posts[Math.min(place, drawn.posts.length - 1)] ?? PLAIN);
}

export function postOf(dial: Dial, { posts }: Case): Post | undefined {
  return posts.find(({ seq }) => seq === dial.postNo);
}

export function postsOf(attempt: number, { posts }: Case): readonly Post[] {
  return posts.filter(({ ref }) => attemptOf(ref) === attempt);
}

export function dialsOf(attempt: number, { dials }: Case): readonly Dial[] {
  return dials.filter(({ ref }) => attemptOf(ref) === attempt);
}

/** The outcomes that the sources of this call can report for its phone. */
export function truthOf(plan: CallScript, facts: Case): ReadonlySet<Outcome> {
  const phone = plan.phone ?? 'answered';
  const shape = plan.webhooks?.shape ?? 'W3';
  // The outcome is missing in one dialect, in short deliveries, and if the vendor reports none.
  const isVague = facts.isDataRead || shape !== 'W3' || plan.outcome === null;
  return new Set([EXACT[phone], ...(isVague ? VAGUE[phone] : [])]);
}

/** The outcomes that may be reported for a dialed call, including false reports of the vendor. */
export function allowedOutcomes(plan: CallScript, facts: Case): ReadonlySet<Outcome> {
  const truth = truthOf(plan, facts);
  if (!reportsFailedOnce(plan)) return truth;
  // A call that was in progress and is reported as failed was answered. By whom, only its own ending tells.
  const asFailed: readonly Outcome[] =
    plan.phone === 'voicemail' ? ['failed', 'answered'] : ['failed'];
  return new Set<Outcome>([...truth, ...asFailed]);
}

/** Whether a source reports `failed` for a call that did not fail. */
export function reportsFailedOnce({ post, read }: CallScript): boolean {
  return (
    post?.kind === 'says_failed' ||
    read?.firstEnding === 'failed' ||
    (read?.says?.includes('failed') ?? false)
  );
}

/** Whether the vendor's own record stays `failed`. */
export function isMisreported({ post }: CallScript): boolean {
  return post?.kind === 'says_failed' && !post.corrected;
}

/** Whether no listing shows the call as ours. */
export function isHidden({ listing }: CallScript): boolean {
  return listing?.hidden === true || listing?.number !== undefined;
}

/** Whether no read shows the call as ours. */
export function isUnreadable({ read }: CallScript): boolean {
  return read?.number !== undefined;
}

export function neverEnds({ phone }: CallScript): boolean {
  return phone === 'stuck_queued' || phone === 'stuck_ringing' || phone === 'stuck_in_progress';
}

/** Whether the bridge accepted a complete report of the result before the instant. */
export function wasDeliveredBefore(ms: number, dial: Dial, plan: CallScript, facts: Case): boolean {
  const { deliveries, actions } = facts;
  // A run that was reset or started again has sent no request. It uses a delivery only as a hint to read the call.
  if (actions.some(({ name }) => name === 'reset' || name === 'again')) return false;
  const isWhole = (plan.webhooks?.shape ?? 'W3') === 'W3' && plan.webhooks?.echo !== false;
  return (
    isWhole &&
    deliveries.some(
      ({ callId, event, status, atMs }) =>
        callId === dial.callId && /ended|failed/.test(event) && status === 204 && atMs < ms - 500,
    )
  );
}

/** Whether a read showed the result before the instant. The first reads may have shown other statuses. */
export function wasReadBefore(ms: number, dial: Dial, plan: CallScript, facts: Case): boolean {
  const { reads, truths } = facts;
  const endedMs = truths.find(({ callId }) => callId === dial.callId)?.endedMs ?? Infinity;
  const whole = reads.filter(({ callId, status }) => callId === dial.callId && status === 200);
  return whole
    .slice(plan.read?.says?.length ?? 0)
    .some((read) => read.atMs > endedMs && read.atMs < ms - 500 && !wasLost(read, plan, facts));
}

/** Whether a worker was killed or frozen before it could report the read, and no poll returned it. */
function wasLost({ callId, atMs }: ReadFact, { read }: CallScript, facts: Case): boolean {
  const polls = (facts.history?.reads ?? []).filter(({ reference }) => reference === callId);
  const isReported = polls.some(
    ({ how, scheduledMs, closedMs = -Infinity }) =>
      how === 'completed' && scheduledMs <= atMs && closedMs >= atMs,
  );
  const reportedMs = atMs + (read?.slowMs ?? 0) + REPORTED_MS;
  const losses = incidentsBetween(atMs, reportedMs, facts);
  return !isReported && losses.some(({ text }) => text.includes('worker'));
}

/** How long a worker takes to report a read. */
const REPORTED_MS = 1_000;

/** Disasters that affected the call between two instants. */
export function incidentsBetween(fromMs: number, toMs: number, { incidents }: Case) {
  return incidents.filter(({ atMs, untilMs }) => atMs <= toMs && untilMs >= fromMs);
}

// --- internal ---

/** Whether a plan was applied. A refusal without a fault came before that. */
export function hasPlan({ fault, status }: Post): boolean {
  return fault !== undefined || status === null || (status >= 200 && status < 300);
}

const EXACT: Readonly<Record<Phone, Outcome>> = {
  answered: 'answered',
  voicemail: 'voicemail',
  busy: 'busy',
  no_answer: 'no_answer',
  declined: 'declined',
  invalid_number: 'invalid_number',
  unreachable: 'unreachable',
  cancelled: 'cancelled',
  failed: 'failed',
  stuck_queued: 'unknown',
  stuck_ringing: 'unknown',
  stuck_in_progress: 'unknown',
};

/** The outcomes that status and duration allow if the vendor reports no outcome. */
const VAGUE: Readonly<Record<Phone, readonly Outcome[]>> = {
  answered: [],
  voicemail: ['answered'],
  busy: ['no_answer'],
  no_answer: [],
  declined: ['no_answer'],
  invalid_number: ['failed', 'no_answer'],
  unreachable: ['failed', 'no_answer'],
  cancelled: ['failed', 'no_answer'],
  failed: ['no_answer'],
  stuck_queued: [],
  stuck_ringing: [],
  stuck_in_progress: [],
};
