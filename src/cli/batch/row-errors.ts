import { KnownError } from '../../runtime/process';
import type { RowFault } from './csv';
import type { BatchRow, Sheet } from './rows';
import { EXIT } from '../shared/exit-codes';
import { note } from '../shared/output';

/** More rows than these with one and the same fault are told in one line. */
const MANY = 10;

/** The rows that can be called. @throws KnownError that names every fault, unless they are to be left out. */
export function callableRows(
  file: string,
  sheet: Sheet,
  skipsInvalid: boolean,
): readonly BatchRow[] {
  const { rows, faults, count } = sheet;
  if (faults.length === 0) return rows;
  // A quote may have swallowed rows, or made rows of what is none: nothing shows which ones would be left out.
  const isSafe = faults.every(({ line, lastLine, isOfFile }) => line === lastLine && !isOfFile);
  const bad = count - rows.length;
  if (skipsInvalid && isSafe && rows.length > 0) {
    note([`Left out: ${bad} of ${count} rows.`, ...faultLines(sheet)].join('\n'));
    return rows;
  }
  const what = count === 0 ? 'it is no list of calls' : `${bad} of ${count} rows can't be called`;
  const canSkip = isSafe && rows.length > 0;
  throw new KnownError(
    [
      `TT3010  ${file}: ${what}; nothing was started.`,
      ...faultLines(sheet),
      canSkip
        ? '        Fix them, or leave them out:  --skip-invalid'
        : '        Fix the file, then:  --dry-run',
    ].join('\n'),
    EXIT.usage,
  );
}

// --- internal ---

/** A line for each fault. One that many rows have comes from the flags or a column: it is told once. */
function faultLines({ faults, count }: Sheet): readonly string[] {
  const byProblem = new Map<string, RowFault[]>();
  for (const fault of faults) {
    const same = byProblem.get(fault.problem) ?? [];
    same.push(fault);
    byProblem.set(fault.problem, same);
  }
  const isShared = ({ problem }: RowFault) => {
    const rows = byProblem.get(problem)?.length ?? 0;
    return rows > MANY || (rows === count && rows > 1);
  };
  const shared = [...byProblem.values()].filter(([first]) => first && isShared(first));
  return [
    ...shared.map((same) => toLine(same.length === count ? 'every row' : placesOf(same), same)),
    ...faults.filter((one) => !isShared(one)).map((one) => toLine(placesOf([one]), [one])),
  ];
}

function toLine(where: string, [fault]: readonly RowFault[]): string {
  return `        ${where}  ${fault?.problem}`;
}

/** `line 17`, or `lines 2-16, 18-813`. */
function placesOf(faults: readonly RowFault[]): string {
  const spans: [from: number, to: number][] = [];
  for (const { line, lastLine } of faults) {
    const span = spans.at(-1);
    if (span !== undefined && line === span[1] + 1) span[1] = lastLine;
    else spans.push([line, lastLine]);
  }
  const told = spans.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
  return `${/^\d+$/.test(told) ? 'line' : 'lines'} ${told}`;
}
