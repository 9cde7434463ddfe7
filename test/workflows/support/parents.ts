import {
  CancellationScope,
  isCancellation,
  proxyActivities,
  rootCause,
} from '@temporalio/workflow';
import {
  callPerson,
  type CallPersonOptions,
  type CallResult,
  type OutboundCallInput,
} from '../../../src/workflow';

/** The workflows of a user's application. */
export async function Parent(
  input: OutboundCallInput,
  options: CallPersonOptions,
): Promise<CallResult> {
  return callPerson(input, options);
}

/** Cancels its scope in the same workflow task as the call is requested, or before. */
export async function HastyParent(
  input: OutboundCallInput,
  options: CallPersonOptions,
  when: 'before' | 'after',
): Promise<string> {
  try {
    await CancellationScope.cancellable(async () => {
      const scope = CancellationScope.current();
      if (when === 'before') scope.cancel();
      const called = callPerson(input, options);
      scope.cancel();
      await called;
    });
    return 'called';
  } catch (error) {
    return isCancellation(error) ? 'canceled' : String(error);
  }
}

/** Schedules the activity that dials on the queue of the workflows, where no rate limit applies. */
export async function StrayParent(taskQueue: string): Promise<string> {
  const { placeCall } = proxyActivities<{ placeCall(request: object): Promise<unknown> }>({
    taskQueue,
    startToCloseTimeout: '10 seconds',
    retry: { maximumAttempts: 1 },
  });
  try {
    return JSON.stringify(await placeCall({}));
  } catch (error) {
    return String(rootCause(error));
  }
}
