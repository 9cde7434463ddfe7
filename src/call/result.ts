import { callIdOf, toReport, type Attempt } from './attempt';
import type { Cancellation, CallResult } from './api-types';
import type { Outcome } from './outcome';

/** How a conversation ended, as its caller is told. `attempts` without those of which nothing was ever sent. */
export function toResult(
  attempts: readonly Attempt[],
  outcome: Outcome,
  cancellation?: Cancellation,
): CallResult {
  const told = attempts.filter(({ outcome: known }) => known !== undefined);
  const deciding = told.at(-1);
  const callId = deciding && callIdOf(deciding);
  return {
    outcome,
    ...(callId !== undefined && { callId }),
    ...(cancellation !== undefined && { cancellation }),
    attempts: told.map(toReport),
    ...(deciding?.placedBy !== undefined && {
      call: { ...deciding.record, id: callId ?? null },
    }),
  };
}
