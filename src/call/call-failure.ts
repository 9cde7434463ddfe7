import { fieldsOf } from './untrusted-values';
import type { InputProblem } from './input';

/** A failure of our own, as `ApplicationFailure.create` takes it. Retrying cannot help. */
export interface CallFailure {
  readonly type: string;
  /** Begins with the type. */
  readonly message: string;
  readonly details: unknown[];
  readonly nonRetryable: true;
}

/** How a run can end without a result or a failure of its own. */
export type AbortedBy = 'terminated' | 'timed out' | 'canceled' | 'deleted';

/** The failure of a caller whose call ended without a result: Truedy may have dialed. */
export function callAborted(workflowId: string, how: AbortedBy): CallFailure {
  return {
    type: 'CallAborted',
    message:
      `CallAborted: ${workflowId} was ${how} before it had a result. The phone may have rung. ` +
      `Next: temporal workflow describe --workflow-id ${workflowId}`,
    details: [{ workflowId }],
    nonRetryable: true,
  };
}

/** The failure of a caller whose arguments cannot be used. No call was started. */
export function invalidInput(problems: readonly InputProblem[]): CallFailure {
  const list = problems.map(({ path, problem }) => `${path} ${problem}`).join('; ');
  const message = `InvalidInput: ${list}`;
  return { type: 'InvalidInput', message, details: [problems], nonRetryable: true };
}

/** The number of an input that has not been validated. */
export function numberOf(input: unknown): unknown {
  return fieldsOf(fieldsOf(input)['call'])['phone_number'];
}
