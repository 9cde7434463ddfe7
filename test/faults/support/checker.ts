import type { CallResult } from '../../../src/call/api-types';

/** The outside view of one call after a run with faults. */
export interface Observed {
  readonly workflowId: string;
  /** The result of the run. Absent while it is open. */
  readonly result?: CallResult;
  /** The dials in the ledger, with their references. */
  readonly dials: readonly { readonly ref: string; readonly callId: string }[];
}

/**
 * Checks the invariants from outside: at most one dial for each reference, one result for each run, and no result that
 * omits a dial.
 *
 * @returns A line for each violation. Empty for a good run.
 */
export function violations(runs: readonly Observed[]): readonly string[] {
  return runs.flatMap(({ workflowId, result, dials }) => {
    const found: string[] = [];
    for (const ref of new Set(dials.map((dial) => dial.ref))) {
      const count = dials.filter((dial) => dial.ref === ref).length;
      if (count > 1) found.push(`${ref} was dialed ${count} times`);
    }
    if (result === undefined) return [...found, `${workflowId} is lost: it never closed`];
    const isUndialed = ['expired', 'suppressed', 'cancelled'].includes(result.outcome);
    if (dials.length > 0 && isUndialed && result.attempts.length === 0) {
      found.push(`${workflowId} reports no attempts, but was dialed`);
    }
    for (const { callId, outcome } of result.attempts) {
      if (callId === undefined || outcome === 'unknown') continue;
      if (!dials.some((dial) => dial.callId === callId)) {
        found.push(`${workflowId} reports ${callId}, which was never dialed`);
      }
    }
    return found;
  });
}
