import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { ReadRequest } from '../activities';
import { callIdOf } from '../call/attempt';
import { close, see } from '../call/learn';
import { deadlineMs, floorMs, nextReadMs, readLimits, type Pace } from '../call/timing';
import { isBareFailure } from '../call/outcome';
import { hasArtifacts } from '../call/call-record';
import { spanText } from '../call/text/masking';
import { read } from './activity-proxies';
import { toRead, type Read } from './answers';
import { currentMs } from './clock';
import { waitUntil, type Conversation } from './call-state';

/** placed → ended: deliveries against the poll. The polling alone is complete; a delivery makes the end come sooner. */
export async function follow(talk: Conversation): Promise<void> {
  talk.enterCall({ because: 'The call is placed; its ending is awaited.' });
  if (!hasEnded(talk)) talk.announce();
  const pollFromMs = await untilPolling(talk);
  const callId = callIdOf(talk.attempt);
  // A call that no source has named has ended: a delivery told how, and nothing can be read.
  if (callId === undefined) return;
  if (!hasEnded(talk)) await poll(talk, callId, pollFromMs);
  if (talk.plan.completion.artifactsMs > 0) await awaitArtifacts(talk);
}

/**
 * Reads a call that ended as `failed` once more before anybody is rung again: its placing may have
 * been called failed although the phone rang.
 *
 * @returns Whether the read shows nothing else. A call that no source has named cannot be read.
 */
export async function confirmFailure(talk: Conversation): Promise<boolean> {
  const { attempt, plan } = talk;
  const callId = callIdOf(attempt);
  if (callId === undefined) return false;
  const settledMs = (attempt.placedAtMs ?? currentMs()) + plan.settleMs;
  // The poll may have read it just now.
  const dueMs = Math.max(settledMs, currentMs() + floorMs(plan.timeScale));
  const pace = toPace(talk, dueMs);
  const request = { ...toRequest(talk, callId, pace, dueMs), until: 'anything' } as const;
  for (;;) {
    talk.enterLongWait('redial_wait', {
      title: 'the call that failed is read once more',
      because: 'A failed call is read once more before a redial.',
      nextAtMs: dueMs,
    });
    // Whoever wants to redial at once is answered that this comes first.
    const cut = () => talk.isOver || talk.isFlagged || !talk.isAwake;
    const answer = await readWhile(talk, request, 'Confirm that the call failed', cut);
    if (answer?.kind === 'read') {
      talk.update(see(talk.attempt, answer, answer.readAtMs));
      return isBareFailure(answer.record, answer.reason ?? undefined) && !talk.isFlagged;
    }
    // Without an answer that can be read nothing confirms the failure.
    if (talk.isOver || talk.isFlagged || answer !== undefined) return false;
  }
}

/** Waits for deliveries until the grace is over or one asks for a read. Returns when the first read is due. */
async function untilPolling(talk: Conversation): Promise<number> {
  const { plan, attempt } = talk;
  const { mode, graceMs } = plan.completion;
  const sentMs = attempt.placedAtMs ?? currentMs();
  const leastMs = firstReadMs(talk);
  if (mode === 'poll') return Math.max(leastMs, nextReadMs(toPace(talk, sentMs), sentMs));
  for (;;) {
    if (hasEnded(talk)) return 0;
    if (talk.attempt.nudged) return Math.max(currentMs(), leastMs);
    const quietSinceMs = talk.attempt.lastNewsMs ?? sentMs;
    const graceEndsMs = Math.min(quietSinceMs + graceMs, deadlineMs(plan, sentMs));
    const fromMs = Math.max(graceEndsMs, leastMs);
    if (currentMs() >= fromMs) return currentMs();
    talk.enterCall({
      because: `Its ending comes by webhook; after ${spanText(graceMs)} of silence Truedy is asked.`,
      nextAtMs: fromMs,
    });
    await waitUntil(
      fromMs,
      () => hasEnded(talk) || talk.attempt.nudged,
      `Wait for webhook (grace ${spanText(graceMs)})`,
    );
  }
}

/** Asks Truedy, at the pace of `call/pace.ts`, until the call has ended or is overdue. */
async function poll(talk: Conversation, callId: string, fromMs: number): Promise<void> {
  const pace = toPace(talk, Math.max(fromMs, currentMs()));
  let dueMs = fromMs;
  while (!hasEnded(talk)) {
    talk.enterCall({ because: 'Truedy is asked until something changes.' });
    const wasNudged = talk.attempt.nudged;
    const known = talk.attempt.record.status;
    const answer = await readWhile(
      talk,
      toRequest(talk, callId, pace, dueMs),
      'Ask Truedy until something changes',
      () => hasEnded(talk) || talk.attempt.nudged !== wasNudged,
    );
    if (answer === undefined) {
      dueMs = Math.max(currentMs() + floorMs(talk.plan.timeScale), firstReadMs(talk));
    } else if (answer.kind === 'unreadable') {
      talk.note('an answer of readCall could not be read: Truedy is asked again');
      dueMs = nextReadMs(pace, currentMs());
      if (dueMs > pace.lastMs) giveUp(talk);
    } else if (answer.kind === 'overdue') {
      // The poll began before a delivery reported that somebody talks, which has a longer limit.
      const talks = talk.attempt.record.status === 'in_progress' && known !== 'in_progress';
      if (!talks) giveUp(talk);
      else dueMs = currentMs() + floorMs(talk.plan.timeScale);
    } else {
      talk.update(see(talk.attempt, answer, answer.readAtMs));
      // The worker reckons the instant of its read, and may be a little early; this clock is past it.
      const soonestMs = currentMs() + floorMs(talk.plan.timeScale);
      dueMs = Math.max(nextReadMs(pace, answer.readAtMs), soonestMs);
    }
  }
}

/** After the end, reads go on until transcript or summary is there, for as long as the caller allows. */
async function awaitArtifacts(talk: Conversation): Promise<void> {
  const { plan, attempt } = talk;
  const callId = callIdOf(attempt);
  if (attempt.outcome === 'unknown' || callId === undefined || hasArtifacts(attempt.record)) return;
  const sinceMs = currentMs();
  const endMs = sinceMs + plan.completion.artifactsMs;
  const pace: Pace = {
    ...toPace(talk, sinceMs),
    mode: 'poll',
    placedAtMs: sinceMs,
    deadlineMs: endMs,
    lastMs: endMs,
  };
  const request: ReadRequest = {
    ...toRequest(talk, callId, pace, nextReadMs(pace, sinceMs)),
    until: 'artifacts',
  };
  talk.enterCall({
    because: 'The call ended; its transcript and summary are awaited.',
    nextAtMs: endMs,
  });
  const done = () => hasArtifacts(talk.attempt.record) || talk.isOver;
  const answer = await readWhile(talk, request, 'Ask for transcript and summary', done);
  if (answer?.kind === 'read') talk.update(see(talk.attempt, answer, answer.readAtMs));
}

// --- internal ---

/** An ending that the answer to the request itself told is not believed before it has settled: no read before. */
function firstReadMs({ attempt, plan }: Conversation): number {
  return attempt.saidFailed ? (attempt.placedAtMs ?? currentMs()) + plan.settleMs : 0;
}

/** The poll, cut short by what a delivery or a person tells; `undefined` then. */
async function readWhile(
  talk: Conversation,
  request: ReadRequest,
  summary: string,
  cut: () => boolean,
): Promise<Read | undefined> {
  const scope = new CancellationScope({ cancellable: true });
  const withinMs = Math.max(request.pace.lastMs, request.dueMs) - currentMs();
  const answer = scope
    .run(() => read(talk.plan, withinMs).readCall.executeWithOptions({ summary }, [request]))
    .then(toRead)
    // Overdue is decided inside the poll; the server's own limit only speaks where no worker does.
    .catch((error: unknown): Read | undefined => {
      if (isCancellation(error)) return undefined;
      return { kind: 'overdue' };
    });
  const first = await Promise.race([answer, condition(cut)]);
  if (first === undefined) scope.cancel();
  talk.reads += first?.reads ?? 0;
  return first ?? undefined;
}

function toRequest(talk: Conversation, callId: string, pace: Pace, dueMs: number): ReadRequest {
  return {
    callId,
    phoneNumber: talk.plan.call.phone_number,
    known: talk.attempt.record.status,
    until: 'change',
    dueMs,
    pace,
  };
}

function toPace(talk: Conversation, since: number): Pace {
  const { plan, attempt } = talk;
  const placedAtMs = attempt.placedAtMs ?? since;
  return {
    mode: plan.completion.mode,
    pollEveryMs: plan.completion.pollEveryMs,
    timeScale: plan.timeScale,
    placedAtMs,
    since,
    ...readLimits(plan, placedAtMs, since),
  };
}

function giveUp(talk: Conversation): void {
  const ending = { outcome: 'unknown', rangPhone: true } as const;
  talk.update(close(talk.attempt, ending, currentMs()));
}

function hasEnded(talk: Conversation): boolean {
  return talk.attempt.outcome !== undefined;
}
