import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { ReadRequest } from '../activities';
import { applyRead, markEnded } from '../call/apply-evidence';
import { callIdOf } from '../call/attempt';
import { hasArtifacts } from '../call/call-record';
import { isBareFailure } from '../call/outcome';
import { spanText } from '../call/text/duration';
import { deadlineMs, minReadGapMs, nextReadMs, readLimits, type Pace } from '../call/timing';
import { readActivities } from './activity-proxies';
import { toRead, type Read } from './answers';
import type { PlannedCall } from './call-state';
import { currentMs, waitUntil } from './clock';
import { writeSearchAttributes } from './projection';

/** Follows a placed call until it has ended. The poll alone is sufficient; a webhook delivery makes it faster. */
export async function follow(call: PlannedCall): Promise<void> {
  call.enterCall({ because: 'The call is placed; its result is pending.' });
  if (!call.hasEnded) writeSearchAttributes(call);
  const pollFromMs = await waitForWebhooks(call);
  const callId = callIdOf(call.attempt);
  // Without an id the call has ended, as a delivery reported, and nothing can be read.
  if (callId === undefined) return;
  if (!call.hasEnded) await poll(call, callId, pollFromMs);
  if (call.plan.completion.artifactsMs > 0) await awaitArtifacts(call);
}

/**
 * Reads a call that ended as `failed` once more before a redial: Truedy may have reported the failure when it placed
 * the call, although the phone rang.
 *
 * @returns Whether the read confirms the failure. A call without an id cannot be read.
 */
export async function confirmFailure(call: PlannedCall): Promise<boolean> {
  const { attempt, plan } = call;
  const callId = callIdOf(attempt);
  if (callId === undefined) return false;
  const settledMs = (attempt.placedAtMs ?? currentMs()) + plan.settleMs;
  // The poll may have read it just now.
  const dueMs = Math.max(settledMs, currentMs() + minReadGapMs(plan.timeScale));
  const pace = toPace(call, dueMs);
  const request = { ...toRequest(call, callId, pace, dueMs), until: 'anything' } as const;
  for (;;) {
    call.enterLongWait('redial_wait', {
      title: 'the failed call is read once more',
      because: 'The failed call is read once more before a redial.',
      nextAtMs: dueMs,
    });
    // `redialNow` does not skip this read: its response shows that the read comes first.
    const isInterrupted = () => call.noMoreAttempts || call.isFlagged || !call.hasHandledWakeups;
    const summary = 'Confirm that the call failed';
    const answer = await readUntil(call, request, summary, isInterrupted);
    if (answer?.kind === 'read') {
      call.updateAttempt(applyRead(call.attempt, answer, answer.readAtMs));
      return isBareFailure(answer.record, answer.reason ?? undefined) && !call.isFlagged;
    }
    // A poll that ended without a readable result does not confirm the failure.
    if (call.noMoreAttempts || call.isFlagged || answer !== undefined) return false;
  }
}

// --- internal ---

/** Waits for webhooks until the grace period is over or a delivery asks for a read. Returns when to read first. */
async function waitForWebhooks(call: PlannedCall): Promise<number> {
  const { plan, attempt } = call;
  const { mode, graceMs } = plan.completion;
  const sentMs = attempt.placedAtMs ?? currentMs();
  const earliestMs = earliestReadMs(call);
  if (mode === 'poll') return Math.max(earliestMs, nextReadMs(toPace(call, sentMs), sentMs));
  for (;;) {
    if (call.hasEnded) return 0;
    if (call.attempt.nudged) return Math.max(currentMs(), earliestMs);
    const quietSinceMs = call.attempt.lastNewsMs ?? sentMs;
    const graceEndsMs = Math.min(quietSinceMs + graceMs, deadlineMs(plan, sentMs));
    const fromMs = Math.max(graceEndsMs, earliestMs);
    if (currentMs() >= fromMs) return currentMs();
    const grace = spanText(graceMs);
    call.enterCall({
      because: `Waiting for a webhook; after ${grace} without one the call is polled.`,
      nextAtMs: fromMs,
    });
    const isInterrupted = () => call.hasEnded || call.attempt.nudged;
    await waitUntil(fromMs, isInterrupted, `Wait for webhook (grace ${grace})`);
  }
}

/** Reads the call, at the intervals of `call/timing.ts`, until it has ended or is overdue. */
async function poll(call: PlannedCall, callId: string, fromMs: number): Promise<void> {
  let pace = toPace(call, Math.max(fromMs, currentMs()));
  const { timeScale } = call.plan;
  let dueMs = fromMs;
  let isRepeated = false;
  while (!call.hasEnded) {
    call.enterCall({ because: 'Truedy is polled until the call changes.' });
    const wasNudged = call.attempt.nudged;
    const known = call.attempt.record.status;
    const answer = await readUntil(
      call,
      toRequest(call, callId, pace, dueMs),
      'Poll Truedy until the call changes',
      () => call.hasEnded || call.attempt.nudged !== wasNudged,
    );
    const isToRepeat = answer?.kind === 'interrupted' && !isRepeated;
    if (isToRepeat) {
      // The deadline may have passed without a read. Once more, for as long as a call that is found late.
      isRepeated = true;
      pace = toPace(call, currentMs());
    }
    if (answer === undefined || isToRepeat) {
      dueMs = Math.max(currentMs() + minReadGapMs(timeScale), earliestReadMs(call));
    } else if (answer.kind === 'unreadable') {
      call.addNote('a result of readCall could not be read; the call is read again');
      dueMs = nextReadMs(pace, currentMs());
      if (dueMs > pace.lastMs) endAsUnknown(call);
    } else if (answer.kind !== 'read') {
      // A call in progress has a longer limit, and this poll began before a delivery reported the progress.
      const isInProgress = call.attempt.record.status === 'in_progress' && known !== 'in_progress';
      if (!isInProgress) endAsUnknown(call);
      else dueMs = currentMs() + minReadGapMs(timeScale);
    } else {
      call.updateAttempt(applyRead(call.attempt, answer, answer.readAtMs));
      // `readAtMs` is the worker's estimate and may be early; the workflow's clock is already past it.
      const soonestMs = currentMs() + minReadGapMs(timeScale);
      dueMs = Math.max(nextReadMs(pace, answer.readAtMs), soonestMs);
    }
  }
}

/** Reads the ended call until its transcript or summary is available, for as long as `completion.artifacts` allows. */
async function awaitArtifacts(call: PlannedCall): Promise<void> {
  const { plan, attempt } = call;
  const callId = callIdOf(attempt);
  if (attempt.outcome === 'unknown' || callId === undefined || hasArtifacts(attempt.record)) return;
  const sinceMs = currentMs();
  const endMs = sinceMs + plan.completion.artifactsMs;
  const pace: Pace = {
    ...toPace(call, sinceMs),
    mode: 'poll',
    placedAtMs: sinceMs,
    deadlineMs: endMs,
    lastMs: endMs,
  };
  const request: ReadRequest = {
    ...toRequest(call, callId, pace, nextReadMs(pace, sinceMs)),
    until: 'artifacts',
  };
  call.enterCall({
    because: 'The call ended; its transcript and summary are pending.',
    nextAtMs: endMs,
  });
  const isDone = () => hasArtifacts(call.attempt.record) || call.noMoreAttempts;
  const answer = await readUntil(call, request, 'Read transcript and summary', isDone);
  if (answer?.kind === 'read') {
    call.updateAttempt(applyRead(call.attempt, answer, answer.readAtMs));
  }
}

/** A failure in the response to the request itself is not believed until it has settled: no read comes before. */
function earliestReadMs({ attempt, plan }: PlannedCall): number {
  return attempt.saidFailed ? (attempt.placedAtMs ?? currentMs()) + plan.settleMs : 0;
}

/** Polls the call. Returns `undefined` if a delivery or an operator interrupts the poll. */
async function readUntil(
  call: PlannedCall,
  request: ReadRequest,
  summary: string,
  isInterrupted: () => boolean,
): Promise<Read | undefined> {
  const scope = new CancellationScope({ cancellable: true });
  const withinMs = Math.max(request.pace.lastMs, request.dueMs) - currentMs();
  const answer = scope
    .run(() => {
      const { readCall } = readActivities(call.plan, withinMs);
      return readCall.executeWithOptions({ summary }, [request]);
    })
    .then(toRead)
    // The activity itself reports `overdue`. The server's timeout applies only if no worker polls the queue.
    .catch((error: unknown): Read | undefined => {
      if (isCancellation(error)) return undefined;
      return { kind: 'interrupted' };
    });
  const first = await Promise.race([answer, condition(isInterrupted)]);
  if (first === undefined) scope.cancel();
  call.countReads(first?.reads ?? 0);
  return first ?? undefined;
}

function toRequest(call: PlannedCall, callId: string, pace: Pace, dueMs: number): ReadRequest {
  return {
    callId,
    phoneNumber: call.plan.call.phone_number,
    known: call.attempt.record.status,
    until: 'change',
    dueMs,
    pace,
  };
}

function toPace({ plan, attempt }: PlannedCall, since: number): Pace {
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

function endAsUnknown(call: PlannedCall): void {
  const ending = { outcome: 'unknown', rangPhone: true } as const;
  call.updateAttempt(markEnded(call.attempt, ending, currentMs()));
}
