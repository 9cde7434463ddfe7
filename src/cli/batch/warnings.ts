import type { CsvRecord } from './csv';

/** A line inside a cell that begins as a row of ours does. */
const ROW_IN_CELL = /[\r\n]"?\+?\d{7,}/;

/** What is allowed in a file and may not be meant: one warning each, which repeats no cell. */
export function warningsOf(
  names: readonly string[],
  rows: readonly CsvRecord[],
): readonly string[] {
  return [...emptyCells(names, rows), ...rowsInCells(rows)];
}

// --- internal ---

/** A variable that is missing leaves a gap in what the agent says. */
function emptyCells(names: readonly string[], rows: readonly CsvRecord[]): readonly string[] {
  return names.flatMap((name, at) => {
    const [first, ...more] = rows.filter(({ cells }) => cells[at] === '');
    const empty = more.length + 1;
    // An empty number is an error.
    if (first === undefined || name === 'phone_number' || empty === rows.length) return [];
    return [
      `${name} is empty in ${empty} of ${rows.length} rows, first in line ${first.line}: ` +
        'there the value that all rows have in common is used, or none.',
    ];
  });
}

/** Two stray quotes look like one cell of several lines; only the user can tell. */
function rowsInCells(rows: readonly CsvRecord[]): readonly string[] {
  const [first, ...more] = rows.filter(({ cells }) => cells.some((cell) => ROW_IN_CELL.test(cell)));
  if (first === undefined) return [];
  const others = more.length === 0 ? '' : ` The same in ${more.length} more rows.`;
  return [
    `Lines ${first.line}-${first.lastLine} are one row: a cell in quotes contains lines that begin ` +
      `with a number, which are not called.${others}`,
  ];
}
