import { KnownError } from '../process';
import type { BatchRow, Sheet } from './batch-rows';
import { EXIT } from './exits';
import { remark } from './output';

/** The rows that can be called. @throws KnownError that names every fault, unless they are to be left out. */
export function callableRows(
  file: string,
  sheet: Sheet,
  skipsInvalid: boolean,
): readonly BatchRow[] {
  const { rows, faults, count } = sheet;
  if (faults.length === 0) return rows;
  // A quote may have swallowed rows there: nobody can say which ones are left out.
  const isSafe = faults.every(({ line, lastLine }) => line === lastLine);
  const bad = count - rows.length;
  if (skipsInvalid && isSafe && rows.length > 0) {
    remark([`Left out: ${bad} of ${count} rows.`, ...faultLines(sheet)].join('\n'));
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

/** A line for each fault; what every row suffers from is said once, since it comes from the flags. */
function faultLines({ faults, count }: Sheet): readonly string[] {
  const times = new Map<string, number>();
  for (const { problem } of faults) times.set(problem, (times.get(problem) ?? 0) + 1);
  const isCommon = (problem: string) => count > 1 && times.get(problem) === count;
  const common = [...times.keys()].filter(isCommon);
  const own = faults.filter(({ problem }) => !isCommon(problem));
  return [
    ...common.map((problem) => `        every row  ${problem}`),
    ...own.map(({ line, lastLine, problem }) =>
      line === lastLine
        ? `        line ${line}  ${problem}`
        : `        lines ${line}-${lastLine}  ${problem}`,
    ),
  ];
}
