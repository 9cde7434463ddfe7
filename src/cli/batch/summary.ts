import { toKey } from '../../call/input';
import type { Counts } from './progress';
import { resultKind } from './results-file';
import type { BatchRow } from './rows';
import { EXIT } from '../shared/exit-codes';
import { note } from '../shared/output';

/** Counts the results of a batch. */
export interface Tally {
  begin(): void;
  end(row: BatchRow, outcome: string): void;
  readonly counts: () => Counts;
  /** The outcomes and their counts, most frequent first. */
  readonly outcomes: () => readonly (readonly [outcome: string, count: number])[];
  /** The rows whose phone may have rung. */
  readonly unknown: () => readonly BatchRow[];
}

/** @param earlier Outcomes from an earlier run, by workflow ID. */
export function createTally(
  rows: readonly BatchRow[],
  earlier: ReadonlyMap<string, string>,
): Tally {
  const countByOutcome = new Map<string, number>();
  const unknown: BatchRow[] = [];
  let [ended, inFlight] = [0, 0];
  const add = (row: BatchRow, outcome: string) => {
    ended += 1;
    countByOutcome.set(outcome, (countByOutcome.get(outcome) ?? 0) + 1);
    if (resultKind(outcome) === 'unknown') unknown.push(row);
  };
  for (const row of rows) {
    const outcome = earlier.get(row.workflowId);
    if (outcome !== undefined) add(row, outcome);
  }
  return {
    begin: () => void (inFlight += 1),
    end(row, outcome) {
      inFlight -= 1;
      add(row, outcome);
    },
    counts: () => ({ total: rows.length, ended, inFlight, unknown: unknown.length }),
    outcomes: () => [...countByOutcome].sort(([, a], [, b]) => b - a),
    unknown: () => unknown,
  };
}

/**
 * Prints a summary of the batch to stderr.
 *
 * @returns The exit code: 7 if the outcome of a row is unknown, 9 if a row failed, else 0. A call that is not
 *   answered is a normal result.
 */
export function printSummary(tally: Tally, out: string | undefined): number {
  const { ended, total } = tally.counts();
  const outcomes = tally.outcomes();
  const unknown = tally.unknown();
  const failed = outcomes
    .filter(([outcome]) => resultKind(outcome) === 'failed')
    .reduce((sum, [, count]) => sum + count, 0);
  const counts = outcomes.map(([outcome, count]) => `${count} ${outcome}`);
  note(`${ended} of ${total} rows ended: ${counts.join(', ')}.`);
  if (failed > 0) {
    note(
      `${failed} failed; their last attempt did not ring. After fixing the problem, put these rows into a new file with another --campaign.`,
    );
  }
  if (unknown.length > 0) {
    note(
      `${unknown.length} unknown: the phone may have rung. Check these before you call them again:`,
    );
    for (const { line, workflowId } of unknown) {
      note(`  line ${line}  temporal truedy describe ${toKey(workflowId)}`);
    }
  }
  if (out !== undefined) note(`Results: ${out}`);
  if (unknown.length > 0) return EXIT.unknown;
  return failed > 0 ? EXIT.rowsFailed : EXIT.done;
}
