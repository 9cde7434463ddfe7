/** One row of the fault table: its number, the expected outcome, and how to run it. */
export interface Row {
  readonly id: string;
  readonly rule: string;
  readonly run: () => Promise<void>;
}

/**
 * Runs all rows of a file concurrently, since they mostly wait, and reports each with its number.
 *
 * @param setUp Runs before the first row.
 */
export function runRows(rows: readonly Row[], setUp: () => Promise<void>): void {
  const outcomes = new Map<string, Promise<void>>();

  beforeAll(async () => {
    await setUp();
    for (const { id, run } of rows) {
      const outcome = run();
      // The row's own test below reports the error. Until then it must not count as unhandled.
      outcome.catch(() => undefined);
      outcomes.set(id, outcome);
    }
  });

  it.each(rows.map(({ id, rule }) => [id, rule] as const))('%s %s', async (id) => {
    await outcomes.get(id);
  });
}
