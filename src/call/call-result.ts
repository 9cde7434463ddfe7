import type { AttemptReport, CallResult, Cancellation } from './api-types';
import { callIdOf, type Attempt } from './attempt';
import type { Outcome } from './outcome';

/** The result of a run. An attempt without an outcome was never sent, and is left out. */
export function toResult(
  attempts: readonly Attempt[],
  outcome: Outcome,
  cancellation?: Cancellation,
): CallResult {
  const closed = attempts.filter(({ outcome: known }) => known !== undefined);
  const deciding = closed.at(-1);
  const callId = deciding && callIdOf(deciding);
  return {
    outcome,
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

// --- internal ---

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
