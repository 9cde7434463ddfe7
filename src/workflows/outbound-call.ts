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
import type { CallResult } from '../call/api-types';
import { toResult } from '../call/call-result';
import type { OutboundCallInput } from '../call/input';
import { isBareFailure, type Outcome } from '../call/outcome';
import type { CallPlan } from '../call/plan';
import { redialTime } from '../call/redial';
import { isObject } from '../call/untrusted-values';
import { localActivities } from './activity-proxies';
import { CallState, type PlannedCall } from './call-state';
import type { CarriedState, PlacingState } from './carried-state';
import { currentMs } from './clock';
import { settleContact } from './contact/settle-contact';
import { confirmFailure, follow } from './follow';
import { setHandlers } from './handlers';
import { countFailure, countResult } from './metrics';
import { place, type Placement } from './place';
import { confirmAbsence } from './reconcile';
import type { Withdraw } from './send-request';

/**
 * Places one call, with redials by policy, and returns how it ended. Each attempt dials at most once.
 *
 * @param carried Set only in a run that continues an earlier one as new.
 * @throws ApplicationFailure `InvalidInput`, or Truedy's error code for a problem that needs fixing.
 */
export async function OutboundCallWorkflow(
  input: OutboundCallInput,
  carried?: CarriedState,
): Promise<CallResult> {
  const previous = validCarriedState(carried);
  const state = new CallState(previous);
  setHandlers(state);
  // Cancellation is recorded like `stop`: Truedy cannot hang up, so a live call is tracked until it ends.
  CancellationScope.current().cancelRequested.catch(() => state.requestCancel());
  return CancellationScope.nonCancellable(async () => {
    try {
      const call = state.begin(previous?.plan ?? (await createPlan(input)));
      const result = await runAttempts(call, input, previous?.placing);
      await settleContact(call);
      const { outcome } = result;
      state.enterEnd({ title: outcome, because: `The call ended: ${outcome}.`, outcome });
      countResult(result, state.reads);
      return result;
    } catch (error) {
      if (error instanceof ContinueAsNew) throw error;
      await settleContact(state);
      const because = 'The run failed. Its failure message says what to fix.';
      state.enterEnd({ title: 'the run failed', because });
      countFailure(error);
      throw error;
    } finally {
      state.releaseUpdates();
      await condition(allHandlersFinished);
    }
  });
}

// --- internal ---

async function runAttempts(
  call: PlannedCall,
  input: OutboundCallInput,
  placing?: PlacingState,
): Promise<CallResult> {
  for (let from = placing; ; from = undefined) {
    const placement = await place(call, from);
    if (placement.kind === 'not_dialed') return resultWithoutDial(call, placement);
    if (placement.kind === 'continue_as_new') {
      const carried = {
        ...call.toCarried(call.plan, placement.placing),
        ...call.contact.toCarried(),
      };
      await continueAsNew<typeof OutboundCallWorkflow>(input, carried);
    }
    if (placement.kind === 'exists') await follow(call);

    const wasCancelled = call.isCancelRequested;
    const withdraw = placement.kind === 'exists' ? placement.withdraw : undefined;
    const isRedialed = await shouldRedial(call, call.attempt.outcome ?? 'unknown', withdraw);
    const { outcome } = call.attempt;
    // Evidence reopened the attempt: its call exists after all, and is followed first.
    if (outcome === undefined) continue;
    // The cancellation came after the attempt had ended: it prevented the redial.
    if (!isRedialed && call.isCancelRequested && !wasCancelled) {
      return resultWithoutDial(call, { because: 'unwanted' });
    }
    if (!isRedialed) return toResult(call.attempts, outcome, cancellationOf(call, outcome));
    await settleContact(call);
    call.startNextAttempt();
  }
}

/** Whether the policy allows another attempt. If so, its delay becomes the new `notBefore`. */
async function shouldRedial(
  call: PlannedCall,
  outcome: Outcome,
  withdraw: Withdraw | undefined,
): Promise<boolean> {
  const { attempt, plan } = call;
  if (call.noMoreAttempts || call.isFlagged) return false;
  const atMs = redialTime(plan.redial, { number: attempt.number, outcome }, currentMs());
  if (atMs === undefined) return false;
  // Set before the checks below, during which an operator may change it.
  call.delayUntil(atMs);
  await withdraw?.();
  if (attempt.learnedBy === 'resolve') {
    if (!(await confirmAbsence(call))) return false;
  } else if (isBareFailure(attempt.record, attempt.reason)) {
    if (!(await confirmFailure(call))) return false;
  }
  return !call.noMoreAttempts && !call.isFlagged;
}

/**
 * The state of the previous run. Ignores a second argument if this run continues none.
 *
 * @throws ApplicationFailure `InvalidInput` if the state is unreadable: attempts may have been dialed, so none is.
 */
function validCarriedState(carried: CarriedState | undefined): CarriedState | undefined {
  if (workflowInfo().continuedFromExecutionRunId === undefined || carried === undefined) {
    return undefined;
  }
  if (isObject(carried) && isObject(carried.plan) && Array.isArray(carried.attempts)) {
    return carried;
  }
  const message = 'InvalidInput: the state that the previous run passed on could not be read';
  throw ApplicationFailure.nonRetryable(message, 'InvalidInput');
}

/** Validates the input in an activity, and returns the plan. Nothing else reads the input. */
async function createPlan(input: OutboundCallInput): Promise<CallPlan> {
  const summary = 'Check the input';
  try {
    return await localActivities().prepareCall.executeWithOptions({ summary }, [input]);
  } catch (error) {
    // Otherwise the run would fail with "Activity task failed", and the type would be hidden in the cause.
    const cause = error instanceof ActivityFailure ? error.cause : undefined;
    if (!(cause instanceof ApplicationFailure) || cause.type !== 'InvalidInput') throw error;
    throw ApplicationFailure.nonRetryable(cause.message, cause.type, ...(cause.details ?? []));
  }
}

type NotDialed = Extract<Placement, { kind: 'not_dialed' }>;

/** The result if nothing is live and nothing more is dialed. */
function resultWithoutDial(
  call: PlannedCall,
  { because, reason }: Pick<NotDialed, 'because' | 'reason'>,
): CallResult {
  if (because === 'expired') return toResult(call.attempts, because);
  if (because === 'suppressed') {
    return toResult(call.attempts, because, reason === undefined ? {} : { reason });
  }
  if (call.isCancelRequested) {
    return toResult(call.attempts, 'cancelled', { cancellation: 'prevented' });
  }
  const last = call.attempts.findLast(({ outcome }) => outcome !== undefined);
  return toResult(call.attempts, last?.outcome ?? 'cancelled');
}

/** The result of a cancellation that came while something was live. */
function cancellationOf(call: PlannedCall, outcome: Outcome): Pick<CallResult, 'cancellation'> {
  if (!call.isCancelRequested) return {};
  return { cancellation: outcome === 'unknown' ? 'unknown' : 'too_late' };
}
