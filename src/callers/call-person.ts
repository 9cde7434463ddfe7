import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  TerminatedFailure,
  TimeoutFailure,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';
import {
  CancellationScope,
  executeChild,
  getExternalWorkflowHandle,
  isCancellation,
  proxyActivities,
} from '@temporalio/workflow';
import type { AwaitCallActivities } from '../activities';
import type { CallResult } from '../call/api-types';
import { invalidKey } from '../call/call-key';
import { callAborted } from '../call/call-result';
import { toWorkflowId, type OutboundCallInput } from '../call/input';
import { summaryOf } from '../call/text/current-details';
import { WORKFLOW_TYPE } from '../workflows/messages';

export interface CallPersonOptions {
  /** Identifies the call: the same key is the same call. Printable ASCII without spaces, and no phone number. */
  readonly key: string;
  /** The queue of the Truedy workers. Default `truedy-calls`. */
  readonly taskQueue?: string;
  /**
   * What a cancellation of the caller's scope does. `wait` (the default) cancels the call and returns its result;
   * `abandon` throws `CancelledFailure` immediately and leaves the call alone.
   */
  readonly cancellation?: 'wait' | 'abandon';
}

/**
 * Calls a person, and returns the result. Only for workflow code.
 *
 * The call is the child workflow `call/<key>`, which outlives its parent. If a run with that ID exists or existed, within
 * the namespace's retention, no other call is made: the result of that run is returned.
 *
 * @throws ApplicationFailure if the call fails, with its type, such as `InvalidInput` or `unauthorized`; `CallAborted`
 *   if it was terminated.
 * @throws CancelledFailure, or a failure with that cause, if the scope was canceled before the call was started, or with
 *   `cancellation: 'abandon'`. `isCancellation` recognizes both.
 */
export async function callPerson(
  input: OutboundCallInput,
  { key, taskQueue = 'truedy-calls', cancellation = 'wait' }: CallPersonOptions,
): Promise<CallResult> {
  const invalid = invalidKey(key, input);
  if (invalid !== undefined) throw ApplicationFailure.create(invalid);
  const workflowId = toWorkflowId(key);
  const call = { workflowId, taskQueue, isAbandoned: cancellation === 'abandon' };
  try {
    return await startChild(input, call);
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw toFailure(error, call);
  }
  try {
    return await attach(call);
  } catch (error) {
    throw toFailure(error, call);
  }
}

// --- internal ---

interface Call {
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly isAbandoned: boolean;
}

async function startChild(input: OutboundCallInput, call: Call): Promise<CallResult> {
  const summary = summaryOf(input);
  return executeChild<(input: OutboundCallInput) => Promise<CallResult>>(WORKFLOW_TYPE, {
    workflowId: call.workflowId,
    taskQueue: call.taskQueue,
    args: [input],
    parentClosePolicy: 'ABANDON',
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    cancellationType: call.isAbandoned ? 'ABANDON' : 'WAIT_CANCELLATION_COMPLETED',
    ...(summary !== undefined && { staticSummary: summary }),
  });
}

/** Waits for a run that this workflow did not start. */
async function attach(call: Call): Promise<CallResult> {
  try {
    return await awaitResult(call);
  } catch (error) {
    if (!isCancellation(error) || call.isAbandoned) throw error;
  }
  return CancellationScope.nonCancellable(async () => {
    // Fails if the run has closed meanwhile, which the poll will find.
    await getExternalWorkflowHandle(call.workflowId)
      .cancel()
      .catch(() => undefined);
    return awaitResult(call);
  });
}

/** The activity paces itself. The retry policy applies only when a worker is lost or Temporal is unreachable. */
async function awaitResult({ workflowId, taskQueue }: Call): Promise<CallResult> {
  const { truedyAwaitCall } = proxyActivities<AwaitCallActivities>({
    taskQueue,
    startToCloseTimeout: '1 minute',
    retry: { initialInterval: '5 seconds', maximumInterval: '5 minutes' },
    // A poll that is in progress is not awaited after a cancellation.
    cancellationType: 'TRY_CANCEL',
    summary: `Waiting for ${workflowId}`,
  });
  return truedyAwaitCall(workflowId);
}

/** The failure of the call itself, without the wrapper that shows how it was called. */
function toFailure(error: unknown, { workflowId }: Call): unknown {
  const isWrapper = error instanceof ChildWorkflowFailure || error instanceof ActivityFailure;
  if (!isWrapper) return error;
  const { cause } = error;
  if (cause instanceof TerminatedFailure) {
    return ApplicationFailure.create(callAborted(workflowId, 'terminated'));
  }
  if (cause instanceof TimeoutFailure && error instanceof ChildWorkflowFailure) {
    return ApplicationFailure.create(callAborted(workflowId, 'timed out'));
  }
  return cause instanceof ApplicationFailure ? cause : error;
}
