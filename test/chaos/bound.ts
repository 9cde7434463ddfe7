import type { DrawnCall } from './draw-call';
import { isUnreadable } from './evidence';
import { scaled } from './scale';

/** The timeout of a request from its hand-over: the time to send it and the limit for the answer. */
const HANDED_MS = Math.max(scaled('200s'), 5_000) + 15_000;
/** The delay after a lost worker, until the server gives up its tasks. */
const LOST_MS = 20_000;
/** The maximum number of disasters that affect one call. */
const MAX_INCIDENTS = 5;
/** A margin for a busy machine. */
const SLACK_MS = 60_000;

/**
 * The longest time that a call may take: all its waits, and for each attempt the hand-over, the deadline, the listings
 * after it, the confirming read and the artifacts. Each further run of the id may take as long again. Each disaster adds
 * the time of a lost worker.
 */
export function boundOf(
  drawn: DrawnCall,
  met: { readonly runs: number; readonly incidents: number },
): number {
  const { rest, call, expiresAfterMs = 0, notBeforeAfterMs = 0 } = drawn;
  const attempts = rest.redial?.maxAttempts ?? 1;
  const delays = Object.values(rest.redial?.after ?? {})
    .flat()
    .map(scaled);
  const settle = scaled(rest.placement?.settle ?? '330s');
  const talkTime = scaled(call.call_settings?.max_duration ?? '3600s');
  const ringTime = scaled(call.call_settings?.join_timeout ?? '30s');
  // A delivery reports the call in progress, and no read of it can be believed.
  const inProgress = drawn.posts.some(isUnreadable) ? scaled('4h') : 0;
  const deadline = Math.max(scaled('25m') + ringTime + talkTime, settle + scaled('5m'), inProgress);
  const attempt =
    HANDED_MS +
    deadline +
    scaled('5m') +
    settle +
    scaled('30s') +
    scaled(rest.completion?.artifacts ?? '0s');
  // Each backoff takes up to 2 min. The wait of a held account is limited by its expiry.
  const backoffs = drawn.posts.length * scaled('2m');
  const waits = notBeforeAfterMs + expiresAfterMs + backoffs + attempts * Math.max(0, ...delays);
  return (
    met.runs * (attempts * attempt + waits) +
    Math.min(met.incidents, MAX_INCIDENTS) * LOST_MS +
    SLACK_MS
  );
}
