import type { AttemptReport, CallResult } from './api-types';
import { callIdOf, type Attempt } from './attempt';
import type { InputProblem } from './input';
import type { Outcome } from './outcome';

/** The result of a run. An attempt without an outcome was never sent, and is left out. */
export function toResult(
  attempts: readonly Attempt[],
  outcome: Outcome,
  { cancellation, reason }: Pick<CallResult, 'cancellation' | 'reason'> = {},
): CallResult {
  const closed = attempts.filter(({ outcome: known }) => known !== undefined);
  const deciding = closed.at(-1);
  const callId = deciding && callIdOf(deciding);
  return {
    outcome,
    ...(reason !== undefined && { reason }),
    ...(callId !== undefined && { callId }),
    ...(cancellation !== undefined && { cancellation }),
    attempts: closed.map(toReport),
    ...(deciding?.placedBy !== undefined && {
      call: { ...deciding.record, id: callId ?? null },
    }),
  };
}

/** The attempt, as the result and the query report it. */
export function toReport(attempt: Attempt): AttemptReport {
  const callId = callIdOf(attempt);
  const { number, outcome, placedAtMs, endedAtMs, placedBy, learnedBy, reason } = attempt;
  return {
    number,
    ...(callId !== undefined && { callId }),
    ...(outcome !== undefined && { outcome }),
    ...(placedAtMs !== undefined && { placedAt: iso(placedAtMs) }),
    ...(outcome !== undefined && endedAtMs !== undefined && { endedAt: iso(endedAtMs) }),
    ...(attempt.rangPhone !== undefined && { rangPhone: attempt.rangPhone }),
    ...(placedBy !== undefined && { placedBy }),
    ...(learnedBy !== undefined && { learnedBy }),
    ...(reason !== undefined && { reason }),
    ...(attempt.flags.length > 0 && { flags: attempt.flags }),
  };
}

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

/** The failure of a caller whose arguments cannot be used: no call was started. */
export function invalidInput(path: string, problem: string): CallFailure {
  const problems: readonly InputProblem[] = [{ path, problem }];
  const message = `InvalidInput: ${path} ${problem}`;
  return { type: 'InvalidInput', message, details: [problems], nonRetryable: true };
}

// --- internal ---

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
