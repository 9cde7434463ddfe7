import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  isCancellation,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { callIdOf } from '../call/attempt';
import { freeze, type FrozenRequest } from '../call/dial-request';
import type { Placed } from '../call/placement';
import { contactLeaseMs, sendLimits } from '../call/timing';
import { isUndecodedArgs, unknownKeyOf } from '../codec/undecodable';
import { dialActivities } from './activity-proxies';
import { toPlaced } from './answers';
import type { PlannedCall } from './call-state';
import { currentMs } from './clock';

/**
 * Withdraws a request whose attempt a delivery ended before the response came, and waits until it is withdrawn or
 * answered. The next attempt must not be dialed earlier.
 */
export type Withdraw = () => Promise<void>;

interface Withdrawn {
  readonly kind: 'withdrawn';
  readonly withdraw?: Withdraw;
}

/** Queues the frozen request and waits for the proof it returns. While it is queued it can be withdrawn. */
export async function sendRequest(call: PlannedCall): Promise<Placed | Withdrawn> {
  const { plan, attempt, limits } = call;
  call.enterPhase('placing', { because: `Attempt ${attempt.number} is being placed.` });
  call.updateAttempt({ ...attempt, sent: true });
  const request = toRequest(call);
  const conditions = {
    attempt: attempt.number,
    labels: plan.labels,
    timeScale: plan.timeScale,
    ...(plan.contacts && { contact: { ask: call.contact.next(), leaseMs: contactLeaseMs(plan) } }),
    ...(plan.window && { window: plan.window }),
    ...(limits.notBeforeMs !== undefined && { notBeforeMs: limits.notBeforeMs }),
    ...(limits.expiresAtMs !== undefined && { expiresAtMs: limits.expiresAtMs }),
  };
  const scheduledMs = currentMs();
  const queuedMs = (limits.expiresAtMs ?? Infinity) - scheduledMs;
  const summary = `Place call, attempt ${attempt.number} of ${plan.redial.maxAttempts}`;
  const scope = new CancellationScope({ cancellable: true });
  const sending = scope.run(async () => {
    const { placeCall } = dialActivities(plan, queuedMs);
    const answer = await placeCall.executeWithOptions({ summary }, [request, conditions]);
    return toPlaced(answer, scheduledMs, currentMs());
  });
  const response = sending.catch((error: unknown) => proofOfLoss(call, error, scheduledMs));
  const isUnwanted = () => call.noMoreAttempts || call.isFlagged;
  await Promise.race([response, condition(() => isUnwanted() || call.hasEnded)]);
  if (isUnwanted()) scope.cancel();
  const proof = await Promise.race([response, condition(() => call.hasEnded)]);
  // A delivery reported how the call ended. The response can add nothing but a second call.
  if (call.hasEnded || proof === undefined) {
    return { kind: 'withdrawn', withdraw: () => withdrawLate(call, scope, response) };
  }
  // Reports leave out attempts whose request never left.
  if (proof.kind !== 'placed' && proof.kind !== 'unclear') {
    call.updateAttempt({ ...call.attempt, sent: false });
  }
  return proof;
}

// --- internal ---

async function withdrawLate(
  call: PlannedCall,
  scope: CancellationScope,
  response: Promise<Placed | Withdrawn>,
): Promise<void> {
  scope.cancel();
  const late = await response;
  if (late.kind !== 'placed' || callIdOf(call.attempt) === undefined) return;
  if (!call.attempt.ids.includes(late.callId)) call.addFlag('second_call');
}

function toRequest({ plan, attempt }: PlannedCall): FrozenRequest {
  const { namespace, workflowId, runId, originalExecutionRunId } = workflowInfo();
  const { number } = attempt;
  const key = plan.idempotencyKeys[number - 1] ?? '';
  const of = { namespace, workflowId, attempt: number, runId, firstRunId: originalExecutionRunId };
  return freeze(plan.call, of, key);
}

/** What an activity proves that returned no result. All instants are by the server's clock. */
function proofOfLoss(call: PlannedCall, error: unknown, scheduledMs: number): Placed | Withdrawn {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof CancelledFailure || isCancellation(error)) return { kind: 'withdrawn' };
  if (cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START') {
    return {
      kind: 'deferred',
      // If there is an `expiresAt`, it was the limit: the run expires next.
      cause: call.limits.expiresAtMs === undefined ? 'truedy_unreachable' : 'conditions',
      reason: 'no worker picked up the request',
    };
  }
  if (cause instanceof ApplicationFailure && isUndecodedArgs(cause)) {
    const keyId = unknownKeyOf(cause.type);
    const reason =
      keyId === undefined
        ? 'a worker could not decode the request'
        : `a worker lacks encryption key ${keyId}`;
    return { kind: 'deferred', cause: 'conditions', reason };
  }
  const { startToCloseMs, sendWithinMs } = sendLimits(call.plan.timeScale);
  const isTimeout = cause instanceof TimeoutFailure;
  return {
    kind: 'unclear',
    reason: isTimeout ? 'the worker that sent it was lost' : 'the request was interrupted',
    earliestSendMs: scheduledMs,
    // The worker received the request at least `startToCloseMs` ago, and sends nothing later than `sendWithinMs` after.
    latestSendMs: isTimeout ? currentMs() - startToCloseMs + sendWithinMs : currentMs(),
  };
}
