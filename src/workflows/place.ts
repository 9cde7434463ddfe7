import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  log,
  workflowInfo,
} from '@temporalio/workflow';
import { markPlaced } from '../call/apply-evidence';
import { describeCause, type FailureType, type Placed } from '../call/placement';
import {
  backOffMs,
  conditionsBackOffMs,
  extendStreak,
  giveUpAfterMs,
  heldAfterMs,
  holdMs,
  type Streak,
} from '../call/timing';
import type { PlannedCall } from './call-state';
import type { PlacingState } from './carried-state';
import { currentMs, waitUntil } from './clock';
import { reportsOf } from './projection';
import { reconcile, type Reconciled } from './reconcile';
import { sendRequest, type Withdraw } from './send-request';
import { isInterrupted, waitBeforeSend, waitUntilOpen } from './wait-until-open';

/** How placing the current attempt ended. */
export type Placement =
  /** The call exists. It is live, or has already ended. */
  | { readonly kind: 'exists'; readonly withdraw?: Withdraw }
  /** The attempt is `unknown`, or an operator reported that it was not dialed. */
  | { readonly kind: 'closed' }
  /** Nothing was sent, and nothing will be. */
  | {
      readonly kind: 'not_dialed';
      readonly because: 'expired' | 'suppressed' | 'unwanted' | 'flagged';
      /** Why the call was suppressed. */
      readonly reason?: string;
    }
  /** Nothing was sent yet, and history is long: the run continues as new. */
  | { readonly kind: 'continue_as_new'; readonly placing: PlacingState };

/**
 * Places the current attempt: waits until it may be dialed, sends the request once, and reconciles a lost response.
 *
 * @throws ApplicationFailure with Truedy's error code as its type, for a problem that needs fixing.
 */
export async function place(
  call: PlannedCall,
  placing: PlacingState = { held: 0 },
): Promise<Placement> {
  let { held, streak } = placing;
  let withdraw: Withdraw | undefined;
  for (;;) {
    const open = await waitUntilOpen(call);
    if (open === 'may_exist') {
      const found = await reconcile(call);
      if (found.kind === 'exists') return { ...found, ...(withdraw && { withdraw }) };
      if (found.kind !== 'dismissed') return found;
      continue;
    }
    if (open !== 'open') {
      const before = await reconcileReset(call);
      return before.kind === 'dismissed' ? { kind: 'not_dialed', because: open } : before;
    }

    if (workflowInfo().continueAsNewSuggested) {
      // A pending update would be lost with this run.
      await condition(allHandlersFinished);
      if (!isInterrupted(call)) {
        return { kind: 'continue_as_new', placing: { held, ...(streak && { streak }) } };
      }
    }
    const proof = await sendRequest(call);
    withdraw = proof.kind === 'withdrawn' ? proof.withdraw : undefined;
    // Deliveries that name a call are checked before a response that says otherwise is believed.
    if (call.mayExist && proof.kind !== 'placed' && proof.kind !== 'unclear') continue;
    switch (proof.kind) {
      case 'placed':
        adopt(call, proof);
        return { kind: 'exists' };
      case 'unclear': {
        recordDoubt(call, proof);
        const reconciled = await reconcile(call);
        if (reconciled.kind !== 'dismissed') return reconciled;
        break;
      }
      case 'withheld':
        return withheld(call, proof);
      case 'withdrawn':
        break;
      case 'refused':
        if (call.noMoreAttempts || call.isFlagged) break;
        if (!mayHold(call, proof)) throw refusal(call, proof);
        held += 1;
        await hold(call, proof.type, holdMs(held, call.plan.timeScale));
        break;
      case 'deferred':
        streak = extendStreak(streak, proof.cause === 'conditions', currentMs());
        await putOff(call, proof, streak);
    }
  }
}

// --- internal ---

type Proof<Kind extends Placed['kind']> = Extract<Placed, { kind: Kind }>;

function adopt(call: PlannedCall, { callId, sentAtMs, saysFailed }: Proof<'placed'>): void {
  const known = { ids: [callId], by: 'response', atMs: sentAtMs, saidFailed: saysFailed } as const;
  call.updateAttempt(markPlaced(call.attempt, known));
  if (saysFailed) call.addNote('Truedy accepted the call and reported it as failed immediately');
}

function recordDoubt(call: PlannedCall, proof: Proof<'unclear'>): void {
  const { reason, latestSendMs, earliestSendMs = latestSendMs } = proof;
  const doubt = { reason, earliestMs: earliestSendMs, latestMs: latestSendMs };
  call.updateAttempt({ ...call.attempt, sent: true, doubt });
}

/**
 * Looks for a call of the run before, which may have gone further than the point to which it was reset. `placeCall` finds
 * that out before it sends; here it was never asked, because the run expired or was canceled before.
 */
async function reconcileReset(call: PlannedCall): Promise<Reconciled> {
  const { runId, originalExecutionRunId, startTime } = workflowInfo();
  if (runId === originalExecutionRunId) return { kind: 'dismissed' };
  recordDoubt(call, {
    kind: 'unclear',
    reason: 'this run is a reset: the run before it may have sent the request',
    earliestSendMs: startTime.getTime(),
    latestSendMs: currentMs(),
  });
  return reconcile(call);
}

function withheld(call: PlannedCall, { outcome, reason }: Proof<'withheld'>): Placement {
  if (outcome !== 'suppressed') return { kind: 'not_dialed', because: outcome };
  call.addNote(`suppressed: ${reason}`, 'suppressed by the dial check or the contact limits');
  return { kind: 'not_dialed', because: outcome, reason };
}

/** 401, 402 and 403 are problems of the account, which can be fixed while the run waits for `expiresAt`. */
function mayHold({ limits }: PlannedCall, { type }: Proof<'refused'>): boolean {
  const isAccountProblem =
    type === 'unauthorized' || type === 'forbidden' || type === 'insufficient_credits';
  return isAccountProblem && limits.expiresAtMs !== undefined;
}

async function hold(call: PlannedCall, type: FailureType, waitMs: number): Promise<void> {
  const untilMs = beforeExpiry(call, currentMs() + waitMs);
  const title = describeCause(type);
  const because = `Truedy rejected the request with ${type}; no phone rang.`;
  call.enterLongWait('held', { title, because, nextAtMs: untilMs });
  await waitUntil(untilMs, () => isInterrupted(call), `Held: ${title}`);
}

/** No wait extends past `expiresAt`. */
function beforeExpiry({ limits }: PlannedCall, untilMs: number): number {
  return Math.min(untilMs, limits.expiresAtMs ?? Infinity);
}

/** Waits until the same request may be sent again. Fails the run after 24 h without an `expiresAt`. */
async function putOff(
  call: PlannedCall,
  { cause, reason, contactLimits, untilMs: earliestMs }: Proof<'deferred'>,
  streak: Streak,
): Promise<void> {
  const { timeScale } = call.plan;
  const nowMs = currentMs();
  const isHeld = nowMs - streak.sinceMs > heldAfterMs(timeScale);
  log.info('The request is deferred', { cause, reason });
  if (cause === 'conditions') {
    const untilMs = earliestMs ?? nowMs + conditionsBackOffMs(streak.count, timeScale);
    await waitBeforeSend(call, beforeExpiry(call, Math.max(untilMs, nowMs + 1)), {
      title: reason,
      because: `Nothing was sent: ${reason}${contactLimits ? ` (${contactLimits.join(', ')})` : ''}.`,
      summary: `Not sent: ${reason}`,
      ...(contactLimits && { isOver: () => call.contact.isFree }),
      // Without an instant to wait for, the cause is a check that fails, which an operator has to fix.
      ...(isHeld && earliestMs === undefined && { phase: 'held' as const }),
    });
    return;
  }
  const untilMs = Math.max(earliestMs ?? 0, nowMs + backOffMs(streak.count, timeScale));
  const lastMs = call.limits.expiresAtMs ?? streak.sinceMs + giveUpAfterMs(timeScale);
  if (untilMs >= lastMs && !call.noMoreAttempts) throw failure(call, cause, {});
  const why = {
    title: describeCause(cause),
    because: `The request was not sent or was rejected: ${reason}. No phone rang.`,
    nextAtMs: untilMs,
  };
  if (isHeld) call.enterLongWait('held', why);
  else call.enterPhase('placing', why);
  await waitUntil(untilMs, () => isInterrupted(call), `Back off: ${why.title}`);
}

function refusal(call: PlannedCall, { type, status, requestId }: Proof<'refused'>) {
  return failure(call, type, { status, ...(requestId !== undefined && { requestId }) });
}

function failure(
  call: PlannedCall,
  type: FailureType,
  response: { readonly status?: number; readonly requestId?: string },
): ApplicationFailure {
  const { status, requestId } = response;
  const withStatus = status === undefined ? '' : ` with ${status}`;
  const ofRequest = requestId === undefined ? '' : ` (request ${requestId})`;
  const message = `${type}: Truedy did not accept the call${withStatus}${ofRequest}. No phone rang in attempt ${call.attempt.number}.`;
  const details = { ...response, attempts: reportsOf(call.attempts) };
  return ApplicationFailure.nonRetryable(message, type, details);
}
