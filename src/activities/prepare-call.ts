import { createHash } from 'node:crypto';
import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { toReference } from '../call/dial-request';
import type { InputFault } from '../call/input';
import { toPlan, type CallPlan, type WorkerFacts } from '../call/plan';
import { isUnreadable, type Unreadable } from '../call/unreadable';
import { numberDigest } from '../truedy/number-digest';
import { inputFaults, isInput } from './input-schema';

/** Checks the whole input and returns the plan. A local activity without I/O, once per run. */
export function createPrepareCall(facts: WorkerFacts) {
  /** @throws ApplicationFailure `InvalidInput`, non-retryable; `details[0]` lists every fault. */
  return async function prepareCall(input: unknown): Promise<CallPlan> {
    if (isUnreadable(input)) throw invalidInput([faultOf(input)]);
    if (!isInput(input)) throw invalidInput(inputFaults(input));
    const { workflowNamespace: namespace = '', workflowExecution } = activityInfo();
    const workflowId = workflowExecution?.workflowId ?? '';
    const keys = Array.from({ length: input.redial?.maxAttempts ?? 1 }, (_, index) =>
      toIdempotencyKey(toReference({ namespace, workflowId, attempt: index + 1 })),
    );
    const digest = numberDigest({ namespace, workflowId }, input.call.phone_number);
    return toPlan(input, facts, { keys, numberDigest: digest });
  };
}

/** Derived, so that every life of a run sends the same one: the first 32 hex digits of the reference's SHA-256. */
export function toIdempotencyKey(reference: string): string {
  return createHash('sha256').update(reference).digest('hex').slice(0, 32);
}

function faultOf({ unreadablePayload: { encoding } }: Unreadable): InputFault {
  const problem = `could not be decoded (encoding ${encoding}): send one JSON object, as json/plain`;
  return { path: 'input', problem };
}

function invalidInput(faults: readonly InputFault[]): ApplicationFailure {
  const list = faults.map(({ path, problem }) => `${path} ${problem}`).join('; ');
  return ApplicationFailure.nonRetryable(`InvalidInput: ${list}`, 'InvalidInput', faults);
}
