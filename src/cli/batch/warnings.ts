import type { CsvRecord } from './csv';

/** A line inside a cell that starts like a row of a batch. */
const ROW_IN_CELL = /[\r\n]"?\+?\d{7,}/;

/** Warnings about what is valid but possibly a mistake. They quote no cell. */
export function warningsOf(
  names: readonly string[],
  rows: readonly CsvRecord[],
): readonly string[] {
  return [...emptyCells(names, rows), ...rowsInCells(rows)];
}

// --- internal ---

/** A missing variable leaves a gap in what the agent says. */
function emptyCells(names: readonly string[], rows: readonly CsvRecord[]): readonly string[] {
  return names.flatMap((name, at) => {
    const [first, ...more] = rows.filter(({ cells }) => cells[at] === '');
    const emptyCount = more.length + 1;
    // An empty number is an error.
    if (first === undefined || name === 'phone_number' || emptyCount === rows.length) return [];
    return [
      `${name} is empty in ${emptyCount} of ${rows.length} rows, first in line ${first.line}. ` +
        'These rows use the value from the flags or --input, if there is one.',
    ];
  });
}

/** Two stray quotes look like one cell with several lines. Only the user knows which it is. */
function rowsInCells(rows: readonly CsvRecord[]): readonly string[] {
  const [first, ...more] = rows.filter(({ cells }) => cells.some((cell) => ROW_IN_CELL.test(cell)));
  if (first === undefined) return [];
  const others = more.length === 0 ? '' : ` The same applies to ${more.length} more rows.`;
  return [
    `Lines ${first.line}-${first.lastLine} are one row: a quoted cell contains lines that start with a ` +
      `phone number. Those numbers are not called.${others}`,
  ];
}
