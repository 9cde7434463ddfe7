import type { CallResult } from '../../../src/call/api-types';

/** What an outside judge knows of one conversation after a run with faults. */
export interface Observed {
  readonly workflowId: string;
  /** How the run closed; absent while it is open. */
  readonly result?: CallResult;
  /** Dials of the ledger, by the reference they carried. */
  readonly dials: readonly { readonly ref: string; readonly callId: string }[];
}

/**
 * The invariants, from the outside only: at most one dial for a reference, every run closed with one
 * result, and a result that does not deny what rang.
 *
 * @returns A line for each violation; none for a good run.
 */
export function violations(runs: readonly Observed[]): readonly string[] {
  return runs.flatMap(({ workflowId, result, dials }) => {
    const found: string[] = [];
    for (const ref of new Set(dials.map((dial) => dial.ref))) {
      const count = dials.filter((dial) => dial.ref === ref).length;
      if (count > 1) found.push(`${ref} was dialled ${count} times`);
    }
    if (result === undefined) return [...found, `${workflowId} is lost: it never closed`];
    const denies = ['expired', 'suppressed', 'cancelled'].includes(result.outcome);
    if (dials.length > 0 && denies && result.attempts.length === 0) {
      found.push(`${workflowId} says that nothing rang, and something did`);
    }
    for (const { callId, outcome } of result.attempts) {
      if (callId === undefined || outcome === 'unknown') continue;
      if (!dials.some((dial) => dial.callId === callId)) {
        found.push(`${workflowId} tells of ${callId}, which nobody dialled`);
      }
    }
    return found;
  });
}
