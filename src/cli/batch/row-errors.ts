import type { RowError } from './csv';
import type { BatchRow, Sheet } from './rows';
import { usageError } from '../shared/usage-error';
import { note } from '../shared/output';

/** If more rows than this have the same error, they share one line. */
const MAX_SEPARATE = 10;

/** The valid rows. @throws KnownError with every error, unless the rows with errors can be skipped. */
export function callableRows(
  file: string,
  sheet: Sheet,
  skipsInvalid: boolean,
): readonly BatchRow[] {
  const { rows, errors, count } = sheet;
  if (errors.length === 0) return rows;
  // A wrong quote may hide rows or turn lines of a note into rows, so the rows that would be skipped cannot be shown.
  const isSafe = errors.every(({ line, lastLine, isOfFile }) => line === lastLine && !isOfFile);
  const bad = count - rows.length;
  if (skipsInvalid && isSafe && rows.length > 0) {
    note([`Skipped ${bad} of ${count} rows:`, ...errorLines(sheet)].join('\n        '));
    return rows;
  }
  const problem = count === 0 ? 'is not a list of calls' : `has errors in ${bad} of ${count} rows`;
  throw usageError(
    `TT3010  ${file} ${problem}. Nothing was started.`,
    ...errorLines(sheet),
    isSafe && rows.length > 0
      ? 'Fix the rows, or skip them:  --skip-invalid'
      : 'Fix the file, then check it:  --dry-run',
  );
}

// --- internal ---

/** One line per error. An error of many rows comes from a flag or a column and gets one line in total. */
function errorLines({ errors, count }: Sheet): readonly string[] {
  const byProblem = new Map<string, RowError[]>();
  for (const error of errors) {
    const same = byProblem.get(error.problem) ?? [];
    same.push(error);
    byProblem.set(error.problem, same);
  }
  const isShared = ({ problem }: RowError) => {
    const rows = byProblem.get(problem)?.length ?? 0;
    return rows > MAX_SEPARATE || (rows === count && rows > 1);
  };
  const shared = [...byProblem.values()].filter(([first]) => first && isShared(first));
  return [
    ...shared.map((same) => toLine(same.length === count ? 'every row' : linesOf(same), same)),
    ...errors.filter((error) => !isShared(error)).map((error) => toLine(linesOf([error]), [error])),
  ];
}

function toLine(where: string, [error]: readonly RowError[]): string {
  return `${where}  ${error?.problem}`;
}

/** `line 17`, or `lines 2-16, 18-813`. */
function linesOf(errors: readonly RowError[]): string {
  const spans: [from: number, to: number][] = [];
  for (const { line, lastLine } of errors) {
    const span = spans.at(-1);
    if (span !== undefined && line === span[1] + 1) span[1] = lastLine;
    else spans.push([line, lastLine]);
  }
  const text = spans.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
  return `${/^\d+$/.test(text) ? 'line' : 'lines'} ${text}`;
}
