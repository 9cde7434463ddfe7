import type { Counts } from './progress';
import { kindOf } from './results-file';
import type { BatchRow } from './rows';
import { EXIT } from '../shared/exit-codes';
import { note } from '../shared/output';

/** What became of the rows of a batch so far. */
export interface Tally {
  begin(): void;
  end(row: BatchRow, outcome: string): void;
  readonly counts: () => Counts;
  /** How often each outcome came, the commonest first. */
  readonly outcomes: () => readonly (readonly [outcome: string, count: number])[];
  /** The rows of which a phone may have rung that nobody knows of. */
  readonly unknown: () => readonly BatchRow[];
}

/** @param told The outcomes that are known from an earlier run, by workflow id. */
export function createTally(rows: readonly BatchRow[], told: ReadonlyMap<string, string>): Tally {
  const times = new Map<string, number>();
  const unknown: BatchRow[] = [];
  let [ended, inFlight] = [0, 0];
  const add = (row: BatchRow, outcome: string) => {
    ended += 1;
    times.set(outcome, (times.get(outcome) ?? 0) + 1);
    if (kindOf(outcome) === 'unknown') unknown.push(row);
  };
  for (const row of rows) {
    const outcome = told.get(row.workflowId);
    if (outcome !== undefined) add(row, outcome);
  }
  return {
    begin: () => void (inFlight += 1),
    end(row, outcome) {
      inFlight -= 1;
      add(row, outcome);
    },
    counts: () => ({ total: rows.length, ended, inFlight, unknown: unknown.length }),
    outcomes: () => [...times].sort(([, a], [, b]) => b - a),
    unknown: () => unknown,
  };
}

/**
 * Tells how the batch ended, on stderr.
 *
 * @returns The exit: 7 where a phone may have rung that nobody knows of, 9 where somebody must repair
 *   something, else 0: a phone that nobody picks up is an ordinary ending.
 */
export function tellSummary(tally: Tally, out: string | undefined): number {
  const { ended, total } = tally.counts();
  const outcomes = tally.outcomes();
  const unknown = tally.unknown();
  const failed = outcomes
    .filter(([outcome]) => kindOf(outcome) === 'failed')
    .reduce((sum, [, count]) => sum + count, 0);
  const words = outcomes.map(([outcome, count]) => `${count} ${outcome}`);
  note(`${ended} of ${total} rows ended: ${words.join(', ')}.`);
  if (failed > 0) {
    note(
      `${failed} failed, and no phone rang by their last attempt. After the repair they need a file and a --campaign of their own.`,
    );
  }
  if (unknown.length > 0) {
    note(`${unknown.length} unknown: a phone may have rung. Look before you call these again:`);
    for (const { line, workflowId } of unknown) {
      note(`  line ${line}  temporal truedy describe ${workflowId.replace(/^call\//, '')}`);
    }
  }
  if (out !== undefined) note(`Results: ${out}`);
  if (unknown.length > 0) return EXIT.unknown;
  return failed > 0 ? EXIT.rowsFailed : EXIT.done;
}
