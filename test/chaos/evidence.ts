import type { Outcome } from '../../src/call/outcome';
import type { Phone, CallScript } from '../../src/testing/simulator/script/script';
import type { Case, Dial, Post } from './facts';
import { attemptOf } from './facts';
import { PLAIN } from './draw-plan';

/** Statuses that prove that no phone rang, whoever spoke. docs/unknown.md. */
const PROOFS: ReadonlySet<number | null> = new Set([
  400, 401, 402, 403, 404, 405, 413, 414, 415, 422, 429, 431,
]);

/** Whether its answer proves that no phone rang. A 404 may be about the call instead. */
export function provesNothingRang(post: Post, { dials }: Case): boolean {
  return PROOFS.has(post.status) && !dials.some(({ postNo }) => postNo === post.seq);
}

/** The plan that a POST met; the plain one where it was turned away before it met any. */
export function planOf(post: Post | undefined, { posts, drawn }: Case): CallScript {
  const met = posts.filter(metPlan);
  const place = met.findIndex((one) => one.seq === post?.seq);
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

/** How a phone ends, as far as the sources of this call can tell it. */
export function truthOf(plan: CallScript, facts: Case): ReadonlySet<Outcome> {
  const phone = plan.phone ?? 'answered';
  const shape = plan.webhooks?.shape ?? 'W3';
  // The words are missing in one dialect, in short deliveries, and where the vendor tells none.
  const isVague = facts.isDataRead || shape !== 'W3' || plan.outcome === null;
  return new Set([EXACT[phone], ...(isVague ? VAGUE[phone] : [])]);
}

/** What may be reported of a call that rang, lies of the vendor included. */
export function believable(plan: CallScript, facts: Case): ReadonlySet<Outcome> {
  const truth = truthOf(plan, facts);
  return new Set<Outcome>(saysFailedOnce(plan) ? [...truth, 'failed'] : truth);
}

/** Whether some source says `failed` of a call that did not fail. */
function saysFailedOnce({ post, read }: CallScript): boolean {
  return (
    post?.kind === 'says_failed' ||
    read?.firstEnding === 'failed' ||
    (read?.says?.includes('failed') ?? false)
  );
}

/** Whether the vendor's own row says `failed` for good. */
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

/** Whether a whole, signed report of the ending was taken before the instant. */
export function isToldBefore(ms: number, dial: Dial, plan: CallScript, facts: Case): boolean {
  const { deliveries, deeds } = facts;
  // A run that was reset, or started again, has sent nothing itself: to it a delivery only names what to read.
  if (deeds.some(({ what }) => what === 'reset' || what === 'again')) return false;
  const isWhole = (plan.webhooks?.shape ?? 'W3') === 'W3' && plan.webhooks?.echo !== false;
  return (
    isWhole &&
    deliveries.some(
      ({ callId, event, status, atMs }) =>
        callId === dial.callId && /ended|failed/.test(event) && status === 204 && atMs < ms - 500,
    )
  );
}

/** Whether a read showed the ending before the instant. The first ones may have told other words. */
export function isShownBefore(
  ms: number,
  dial: Dial,
  plan: CallScript,
  { reads, truths }: Case,
): boolean {
  const endedMs = truths.find(({ callId }) => callId === dial.callId)?.endedMs ?? Infinity;
  const whole = reads.filter(({ callId, status }) => callId === dial.callId && status === 200);
  return whole
    .slice(plan.read?.says?.length ?? 0)
    .some(({ atMs }) => atMs > endedMs && atMs < ms - 500);
}

/** Blows that met the conversation between two instants. */
export function blowsBetween(fromMs: number, toMs: number, { blows }: Case) {
  return blows.filter(({ atMs, untilMs }) => atMs <= toMs && untilMs >= fromMs);
}

// --- internal ---

/** What was turned away at the vendor's door met no plan: a refusal without a fault. */
function metPlan({ fault, status }: Post): boolean {
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

/** What is left of it without the vendor's word: a status and a duration. */
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
