import {
  ActivityFailure,
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  ContinueAsNew,
  continueAsNew,
  workflowInfo,
} from '@temporalio/workflow';
import type { OutboundCallInput } from '../call/input';
import type { Cancellation, CallResult } from '../call/api-types';
import { isObject } from '../call/objects';
import { isBareFailure, type Outcome } from '../call/outcome';
import type { CallPlan } from '../call/plan';
import { redialAfter } from '../call/redial';
import { toResult } from '../call/result';
import { local } from './activity-proxies';
import { currentMs } from './clock';
import { begin, openConversation, type Carried, type Conversation } from './call-state';
import { countFailure, countResult } from './metrics';
import { confirmFailure, follow } from './follow';
import { place, type Placing, type Withdraw } from './place';
import { confirmAbsence } from './reconcile';
import { listen } from './handlers';

/**
 * One conversation: at most one ring per attempt. Returns how it ended.
 *
 * @param carried Of a run that goes on where an earlier one had grown too long; absent at the start.
 * @throws ApplicationFailure `InvalidInput`, or the vendor's type for what somebody has to repair.
 */
export async function OutboundCallWorkflow(
  input: OutboundCallInput,
  carried?: Carried,
): Promise<CallResult> {
  const before = carriedOver(carried);
  const talk = openConversation(before);
  listen(talk);
  // A cancellation is a wish like the others: what is live cannot be hung up, and is followed to its end.
  CancellationScope.current().cancelRequested.catch(() => talk.cancel());
  return CancellationScope.nonCancellable(async () => {
    try {
      const call = begin(talk, before?.plan ?? (await prepare(input)));
      const result = await converse(call, input, before?.placing);
      talk.end(result.outcome);
      countResult(result, talk.reads);
      return result;
    } catch (error) {
      if (error instanceof ContinueAsNew) throw error;
      talk.fail();
      countFailure(error);
      throw error;
    } finally {
      talk.leave();
      await condition(allHandlersFinished);
    }
  });
}

async function converse(
  talk: Conversation,
  input: OutboundCallInput,
  placing?: Placing,
): Promise<CallResult> {
  for (let from = placing; ; from = undefined) {
    const placement = await place(talk, from);
    if (placement.kind === 'over') return overResult(talk, placement.because);
    if (placement.kind === 'renewed') {
      await continueAsNew<typeof OutboundCallWorkflow>(
        input,
        talk.carry(talk.plan, placement.placing),
      );
    }
    if (placement.kind === 'tracked') await follow(talk);

    const wasCancelled = talk.wishes.cancelled;
    const withdraw = placement.kind === 'tracked' ? placement.withdraw : undefined;
    const isRedialed = await redials(talk, talk.attempt.outcome ?? 'unknown', withdraw);
    const { outcome } = talk.attempt;
    // A call that was given up exists after all: it is followed before anything else is decided.
    if (outcome === undefined) continue;
    // Cancelled after the attempt had ended: nothing was live, and the redial is prevented.
    if (!isRedialed && talk.wishes.cancelled && !wasCancelled) return overResult(talk, 'unwanted');
    if (!isRedialed) return toResult(talk.attempts, outcome, cancellationOf(talk, outcome));
    talk.nextAttempt();
  }
}

/** What the plan says about another attempt; its delay becomes the instant before which nothing is dialed. */
async function redials(
  talk: Conversation,
  outcome: Outcome,
  withdraw: Withdraw | undefined,
): Promise<boolean> {
  const { attempt, plan } = talk;
  if (talk.isOver || talk.isFlagged) return false;
  const redial = redialAfter(plan.redial, { number: attempt.number, outcome }, currentMs());
  if (redial.kind === 'over') return false;
  // Set before the last look, during which a person may move it.
  talk.limits.notBeforeMs = Math.max(redial.atMs, talk.limits.notBeforeMs ?? 0);
  await withdraw?.();
  if (attempt.learnedBy === 'resolve') {
    if (!(await confirmAbsence(talk))) return false;
  } else if (isBareFailure(attempt.record, attempt.reason)) {
    if (!(await confirmFailure(talk))) return false;
  }
  return !talk.isOver && !talk.isFlagged;
}

/**
 * What an earlier run handed over. A second argument of a run that continues none is ignored.
 *
 * @throws ApplicationFailure `InvalidInput` where it cannot be read: attempts may have been dialed, so none is.
 */
function carriedOver(carried: Carried | undefined): Carried | undefined {
  if (workflowInfo().continuedFromExecutionRunId === undefined || carried === undefined) {
    return undefined;
  }
  if (isObject(carried) && isObject(carried.plan) && Array.isArray(carried.attempts)) {
    return carried;
  }
  const what = 'InvalidInput: what the run before this one handed over cannot be read';
  throw ApplicationFailure.nonRetryable(what, 'InvalidInput');
}

/** The plan, from an activity: nothing of the input is believed before. */
async function prepare(input: OutboundCallInput): Promise<CallPlan> {
  try {
    return await local().prepareCall.executeWithOptions({ summary: 'Check the input' }, [input]);
  } catch (error) {
    // Without this the run would fail as "Activity task failed", its type hidden in a cause.
    const cause = error instanceof ActivityFailure ? error.cause : undefined;
    if (!(cause instanceof ApplicationFailure) || cause.type !== 'InvalidInput') throw error;
    throw ApplicationFailure.nonRetryable(cause.message, cause.type, ...(cause.details ?? []));
  }
}

/** The end of a conversation that waits for nothing and has nothing live. */
function overResult(
  talk: Conversation,
  because: 'expired' | 'suppressed' | 'unwanted' | 'flagged',
): CallResult {
  if (because === 'expired' || because === 'suppressed') return toResult(talk.attempts, because);
  if (talk.wishes.cancelled) return toResult(talk.attempts, 'cancelled', 'prevented');
  const last = talk.attempts.findLast(({ outcome }) => outcome !== undefined);
  return toResult(talk.attempts, last?.outcome ?? 'cancelled');
}

/** What became of a cancellation that met something live. */
function cancellationOf(talk: Conversation, outcome: Outcome): Cancellation | undefined {
  if (!talk.wishes.cancelled) return undefined;
  return outcome === 'unknown' ? 'unknown' : 'too_late';
}
