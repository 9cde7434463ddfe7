import {
  ActivityFailure,
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  isCancellation,
  log,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { freeze, type FailureType, type FrozenRequest, type Placed } from '../call/dial-request';
import { callIdOf } from '../call/attempt';
import { place as placed } from '../call/learn';
import {
  backOffMs,
  conditionsBackOffMs,
  giveUpAfterMs,
  heldAfterMs,
  holdMs,
  longer,
  sendLimits,
  type Streak,
} from '../call/timing';
import { faultText } from '../call/text/masking';
import { dial } from './activity-proxies';
import { toPlaced } from './answers';
import { currentMs } from './clock';
import { waitUntil, type Conversation } from './call-state';
import { settle } from './reconcile';
import { isCut, pause, untilOpen } from './wait-until-open';

/** What became of an attempt to place. `tracked`: a call exists and is followed, or has ended already. */
export type Placement =
  | { readonly kind: 'tracked'; readonly withdraw?: Withdraw }
  /** Nobody can say that one exists, or a person said that none does. */
  | { readonly kind: 'settled' }
  /** Nothing was sent, and nothing will be. */
  | {
      readonly kind: 'over';
      readonly because: 'expired' | 'suppressed' | 'unwanted' | 'flagged';
    }
  /** Nothing was sent yet, and history has grown long: a new run goes on from here. */
  | { readonly kind: 'renewed'; readonly placing: Placing };

/**
 * Withdraws a request whose attempt a delivery has ended before it was answered, and awaits what became of
 * it: beside it no other attempt may be dialed.
 */
export type Withdraw = () => Promise<void>;

type Withdrawn = { readonly kind: 'withdrawn'; readonly withdraw?: Withdraw };

/** How often the request at hand was put off: what its waits depend on. */
export interface Placing {
  readonly held: number;
  readonly streak?: Streak;
}

/**
 * Places the attempt at hand: waits until it may ring, sends the one request, and settles a lost answer.
 *
 * @throws ApplicationFailure of the vendor's type, where somebody has to repair something first.
 */
export async function place(talk: Conversation, from: Placing = { held: 0 }): Promise<Placement> {
  let { held, streak } = from;
  let withdraw: Withdraw | undefined;
  for (;;) {
    const open = await untilOpen(talk);
    if (open === 'known') {
      const known = await settle(talk);
      if (known.kind === 'tracked') return { ...known, ...(withdraw && { withdraw }) };
      if (known.kind !== 'dismissed') return known;
      continue;
    }
    if (open !== 'open') return { kind: 'over', because: open };

    if (workflowInfo().continueAsNewSuggested) {
      // Updates that are still to be answered would be lost with this run.
      await condition(allHandlersFinished);
      if (!isCut(talk)) return { kind: 'renewed', placing: { held, ...(streak && { streak }) } };
    }
    const answer = await send(talk);
    withdraw = answer.kind === 'withdrawn' ? answer.withdraw : undefined;
    // Deliveries name a call all the same: that is looked into before anything is believed of the answer.
    if (talk.isKnown && answer.kind !== 'placed' && answer.kind !== 'unclear') continue;
    switch (answer.kind) {
      case 'placed':
        adopt(talk, answer);
        return { kind: 'tracked' };
      case 'unclear': {
        const { reason, latestSendMs, earliestSendMs = latestSendMs } = answer;
        const doubt = { reason, earliestMs: earliestSendMs, latestMs: latestSendMs };
        talk.update({ ...talk.attempt, doubt });
        const settled = await settle(talk);
        if (settled.kind !== 'dismissed') return settled;
        break;
      }
      case 'withheld':
        if (answer.outcome === 'suppressed') {
          talk.note(`suppressed: ${answer.reason}`, 'suppressed by the dial check');
        }
        return { kind: 'over', because: answer.outcome };
      case 'withdrawn':
        break;
      case 'refused':
        if (talk.isOver || talk.isFlagged) break;
        if (!isAccountFault(answer.type) || talk.limits.expiresAtMs === undefined) {
          throw refusal(talk, answer);
        }
        held += 1;
        await hold(talk, answer.type, holdMs(held, talk.plan.timeScale));
        break;
      case 'deferred':
        streak = longer(streak, answer.cause === 'conditions', currentMs());
        await putOff(talk, answer, streak);
    }
  }
}

/** Hands the frozen request to the queue and awaits what it proves. While it is queued it can be withdrawn. */
async function send(talk: Conversation): Promise<Placed | Withdrawn> {
  const { plan, attempt, limits } = talk;
  talk.enter('placing', { because: `Attempt ${attempt.number} is being placed.` });
  talk.update({ ...attempt, sent: true });
  const request = toRequest(talk);
  const conditions = {
    attempt: attempt.number,
    labels: plan.labels,
    timeScale: plan.timeScale,
    ...(plan.window && { window: plan.window }),
    ...(limits.notBeforeMs !== undefined && { notBeforeMs: limits.notBeforeMs }),
    ...(limits.expiresAtMs !== undefined && { expiresAtMs: limits.expiresAtMs }),
  };
  const handedOverMs = currentMs();
  const queuedMs = (limits.expiresAtMs ?? Infinity) - handedOverMs;
  const summary = `Place call, attempt ${attempt.number} of ${plan.redial.maxAttempts}`;
  const scope = new CancellationScope({ cancellable: true });
  const sending = scope.run(async () => {
    const { placeCall } = dial(plan, queuedMs);
    const told = await placeCall.executeWithOptions({ summary }, [request, conditions]);
    return toPlaced(told, handedOverMs, currentMs());
  });
  const answer = sending.catch((error: unknown) => whatTheLossProves(talk, error, handedOverMs));
  await Promise.race([answer, condition(() => talk.isOver || talk.isFlagged || hasEnding(talk))]);
  if (talk.isOver || talk.isFlagged) scope.cancel();
  const known = await Promise.race([answer, condition(() => hasEnding(talk))]);
  // A complete ending is the fact: the answer can add nothing to it but a second call.
  if (hasEnding(talk) || known === undefined) {
    return { kind: 'withdrawn', withdraw: () => withdrawLate(talk, scope, answer) };
  }
  // An attempt of which no byte left is not told among the attempts.
  if (known.kind !== 'placed' && known.kind !== 'unclear') {
    talk.update({ ...talk.attempt, sent: false });
  }
  return known;
}

async function withdrawLate(
  talk: Conversation,
  scope: CancellationScope,
  answer: Promise<Placed | Withdrawn>,
): Promise<void> {
  scope.cancel();
  const late = await answer;
  const { ids } = talk.attempt;
  if (
    late.kind === 'placed' &&
    callIdOf(talk.attempt) !== undefined &&
    !ids.includes(late.callId)
  ) {
    talk.flag('second_call');
  }
}

function toRequest(talk: Conversation): FrozenRequest {
  const { namespace, workflowId, runId, originalExecutionRunId } = workflowInfo();
  const { number } = talk.attempt;
  const key = talk.plan.idempotencyKeys[number - 1] ?? '';
  const of = { namespace, workflowId, attempt: number, runId, firstRunId: originalExecutionRunId };
  return freeze(talk.plan.call, of, key);
}

/**
 * What is proved by an activity that never answered.
 *
 * Every instant is by the server's clock, as all time in a workflow.
 */
function whatTheLossProves(
  talk: Conversation,
  error: unknown,
  handedOverMs: number,
): Placed | Withdrawn {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof CancelledFailure || isCancellation(error)) return { kind: 'withdrawn' };
  if (cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START') {
    return {
      kind: 'deferred',
      // With an `expiresAt` that is the limit which ran out: what follows is the run's expiry.
      cause: talk.limits.expiresAtMs === undefined ? 'truedy_unreachable' : 'conditions',
      reason: 'no worker took the request from its queue',
    };
  }
  const { startToCloseMs, sendWithinMs } = sendLimits(talk.plan.timeScale);
  const isTimeout = cause instanceof TimeoutFailure;
  return {
    kind: 'unclear',
    reason: isTimeout ? 'the worker that sent it was lost' : 'the request was cut short',
    earliestSendMs: handedOverMs,
    // A lost worker was handed the request `startToCloseMs` ago at the latest, and asked before it sent.
    latestSendMs: isTimeout ? currentMs() - startToCloseMs + sendWithinMs : currentMs(),
  };
}

function adopt(talk: Conversation, answer: Extract<Placed, { kind: 'placed' }>): void {
  const { callId, sentAtMs, saysFailed } = answer;
  const known = { ids: [callId], by: 'response', atMs: sentAtMs, saidFailed: saysFailed } as const;
  talk.update(placed(talk.attempt, known));
  if (saysFailed) talk.note('Truedy took the call and called it failed at once');
}

/** 401, 402 and 403 are faults of the account, which somebody may repair while the run is held. */
function isAccountFault(type: FailureType): boolean {
  return type === 'unauthorized' || type === 'forbidden' || type === 'insufficient_credits';
}

async function hold(talk: Conversation, type: FailureType, waitMs: number): Promise<void> {
  const untilMs = untilExpiry(talk, currentMs() + waitMs);
  const title = faultText(type);
  talk.enterLongWait('held', {
    title,
    because: `Truedy answered ${type}; no phone rang.`,
    nextAtMs: untilMs,
  });
  await waitUntil(untilMs, () => isCut(talk), `Held: ${title}`);
}

/** Past `expiresAt` nothing is waited for. */
function untilExpiry({ limits }: Conversation, untilMs: number): number {
  return Math.min(untilMs, limits.expiresAtMs ?? Infinity);
}

/** Waits until the same bytes may go again, and gives up in the end. */
async function putOff(
  talk: Conversation,
  answer: Extract<Placed, { kind: 'deferred' }>,
  streak: Streak,
): Promise<void> {
  const { timeScale } = talk.plan;
  const nowMs = currentMs();
  const isHeld = nowMs - streak.sinceMs > heldAfterMs(timeScale);
  log.info('The request goes again later', { cause: answer.cause, reason: answer.reason });
  if (answer.cause === 'conditions') {
    const backOff = answer.untilMs ?? nowMs + conditionsBackOffMs(streak.count, timeScale);
    // An instant that is named is waited for; a check that gives no answer needs a person.
    await pause(talk, untilExpiry(talk, Math.max(backOff, nowMs + 1)), {
      title: answer.reason,
      because: `Nothing was sent: ${answer.reason}.`,
      summary: `Not sent: ${answer.reason}`,
      ...(isHeld && answer.untilMs === undefined && { phase: 'held' as const }),
    });
    return;
  }
  const untilMs = Math.max(answer.untilMs ?? 0, nowMs + backOffMs(streak.count, timeScale));
  const lastMs = talk.limits.expiresAtMs ?? streak.sinceMs + giveUpAfterMs(timeScale);
  if (untilMs >= lastMs && !talk.isOver) throw failure(talk, answer.cause, {});
  const why = {
    title: faultText(answer.cause),
    because: `Nothing was sent or it was turned away: ${answer.reason}. No phone rang.`,
    nextAtMs: untilMs,
  };
  if (isHeld) talk.enterLongWait('held', why);
  else talk.enter('placing', why);
  await waitUntil(untilMs, () => isCut(talk), `Back off: ${why.title}`);
}

function refusal(talk: Conversation, answer: Extract<Placed, { kind: 'refused' }>) {
  const { type, status, requestId } = answer;
  return failure(talk, type, { status, ...(requestId !== undefined && { requestId }) });
}

function failure(
  talk: Conversation,
  type: FailureType,
  told: { readonly status?: number; readonly requestId?: string },
): ApplicationFailure {
  const status = told.status === undefined ? '' : ` with ${told.status}`;
  const request = told.requestId === undefined ? '' : ` (request ${told.requestId})`;
  const message = `${type}: Truedy did not take the call${status}${request}. No phone rang by attempt ${talk.attempt.number}.`;
  return ApplicationFailure.nonRetryable(message, type, { ...told, attempts: talk.reports() });
}

function hasEnding(talk: Conversation): boolean {
  return talk.attempt.outcome !== undefined;
}
