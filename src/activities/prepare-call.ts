import { createHash } from 'node:crypto';
import { activityInfo } from '@temporalio/activity';
import { toReference } from '../call/dial-request';
import type { InputProblem } from '../call/input';
import { toPlan, type CallPlan, type WorkerFacts } from '../call/plan';
import { isUnreadable, type Unreadable } from '../call/untrusted-values';
import { numberDigest } from '../truedy/number-digest';
import { validateInput } from './input-schema';
import { invalidInput } from './invalid-input';

/** Validates the input and returns the plan. A local activity without I/O, which runs once per workflow run. */
export function createPrepareCall(facts: WorkerFacts) {
  /** @throws ApplicationFailure `InvalidInput`, non-retryable; `details[0]` lists every problem. */
  return async function prepareCall(given: unknown): Promise<CallPlan> {
    if (isUnreadable(given)) throw invalidInput([decodingProblem(given)]);
    const { input, problems } = validateInput(given);
    if (input === undefined) throw invalidInput(problems);
    const { workflowNamespace: namespace = '', workflowExecution } = activityInfo();
    const workflowId = workflowExecution?.workflowId ?? '';
    const keys = Array.from({ length: input.redial?.maxAttempts ?? 1 }, (_, index) =>
      toIdempotencyKey(toReference({ namespace, workflowId, attempt: index + 1 })),
    );
    const digest = numberDigest({ namespace, workflowId }, input.call.phone_number);
    return toPlan(input, facts, { keys, numberDigest: digest });
  };
}

/** The first 32 hex digits of the reference's SHA-256: derived, so that a run continued as new sends the same key. */
export function toIdempotencyKey(reference: string): string {
  return createHash('sha256').update(reference).digest('hex').slice(0, 32);
}

function decodingProblem({ unreadablePayload: { encoding } }: Unreadable): InputProblem {
  const problem = `could not be decoded (encoding ${encoding}): send one JSON object, as json/plain`;
  return { path: 'input', problem };
}
