import type { DrawnCall } from './draw-call';
import { scaled } from './scale';

/** From the hand-over of a request until Temporal gives it up: the answer's limit and the time to send it. */
const HANDED_MS = Math.max(scaled('200s'), 5_000) + 15_000;
/** What a lost worker costs: until the server gives up what it held. */
const LOST_MS = 20_000;
/** However many there are, few of them meet one call. */
const MOST_BLOWS = 5;
/** A machine that does much else, too. */
const SLACK_MS = 60_000;

/**
 * How long a conversation may take: all its waits, and for every attempt the hand-over, the deadline, the listings
 * after it, the confirming read and the artifacts. Each further run of its id may take as long again, and each
 * disaster the time of a lost worker.
 */
export function boundOf(
  drawn: DrawnCall,
  met: { readonly runs: number; readonly blows: number },
): number {
  const { rest, call, expiresAfterMs = 0, notBeforeAfterMs = 0 } = drawn;
  const attempts = rest.redial?.maxAttempts ?? 1;
  const delays = Object.values(rest.redial?.after ?? {})
    .flat()
    .map(scaled);
  const settle = scaled(rest.placement?.settle ?? '330s');
  const talk = scaled(call.call_settings?.max_duration ?? '3600s');
  const ring = scaled(call.call_settings?.join_timeout ?? '30s');
  const deadline = Math.max(scaled('25m') + ring + talk, settle + scaled('5m'));
  const attempt =
    HANDED_MS +
    deadline +
    scaled('5m') +
    settle +
    scaled('30s') +
    scaled(rest.completion?.artifacts ?? '0s');
  // Backing off, up to 2 min each; a held account is bounded by its expiry.
  const puttingOff = drawn.posts.length * scaled('2m');
  const waits = notBeforeAfterMs + expiresAfterMs + puttingOff + attempts * Math.max(0, ...delays);
  return (
    met.runs * (attempts * attempt + waits) + Math.min(met.blows, MOST_BLOWS) * LOST_MS + SLACK_MS
  );
}
