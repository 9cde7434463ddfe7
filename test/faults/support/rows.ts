/** One row of the fault table: its number, what has to come of it, and how it is made. */
export interface Row {
  readonly id: string;
  readonly rule: string;
  readonly run: () => Promise<void>;
}

/**
 * Runs all rows of a file at once, since most of each is waiting, and reports each by its number.
 *
 * @param setUp Runs before the first row.
 */
export function runRows(rows: readonly Row[], setUp: () => Promise<void>): void {
  const outcomes = new Map<string, Promise<void>>();

  beforeAll(async () => {
    await setUp();
    for (const { id, run } of rows) {
      const outcome = run();
      // Told by the row's own test below; until then it must not count as unhandled.
      outcome.catch(() => undefined);
      outcomes.set(id, outcome);
    }
  });

  it.each(rows.map(({ id, rule }) => [id, rule] as const))('%s %s', async (id) => {
    await outcomes.get(id);
  });
}
