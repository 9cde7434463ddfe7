import { CsvError, parse } from 'csv-parse/sync';

const LINE_BREAK = /\r\n|\n|\r/g;
const QUOTED = /"[^"]*"/g;

/** A record and the lines that it spans. The first line is 1. */
export interface CsvRecord {
  readonly line: number;
  readonly lastLine: number;
  readonly cells: readonly string[];
}

/** A problem of one or more rows. Its text quotes nothing of the file. */
export interface RowError {
  readonly line: number;
  /** An unclosed quote can hide further rows between `line` and this one. */
  readonly lastLine: number;
  readonly problem: string;
  /** A wrong quote makes every row doubtful: rows before it may be lines of a quoted note. */
  readonly isOfFile?: true;
}

/**
 * The records of a CSV file (RFC 4180) with their lines. Empty records are skipped.
 *
 * A line break inside quotes never starts a record. After a wrong quote it is undecidable which line breaks
 * are inside quotes, so parsing stops there with one error that spans the rest of the file.
 */
export function readCsv(text: string): {
  readonly records: readonly CsvRecord[];
  readonly errors: readonly RowError[];
} {
  const bytes = Buffer.from(text);
  const records: CsvRecord[] = [];
  const errors: RowError[] = [];
  // Old Macintosh files end rows with CR alone, and their cells may contain LF. In other files a CR is an error.
  const usesCr = !text.replace(QUOTED, '').includes('\n');
  let parsedBytes = 0;
  let line = 1;
  const linesTo = (endBytes: number) => {
    const source = bytes.subarray(parsedBytes, endBytes).toString();
    const breaks = source.match(LINE_BREAK)?.length ?? 0;
    return { source, breaks, lastLine: line + breaks - (/[\r\n]$/.test(source) ? 1 : 0) };
  };
  const add = (cells: readonly string[], endBytes: number) => {
    const { source, breaks, lastLine } = linesTo(endBytes);
    if (!usesCr && /\r(?!\n)/.test(source.replace(QUOTED, ''))) {
      errors.push({ line, lastLine, problem: 'has a carriage return outside quotes' });
    } else if (cells.some((cell) => cell.trim() !== '')) {
      records.push({ line, lastLine, cells });
    }
    parsedBytes = endBytes;
    line += breaks;
  };
  try {
    parse(text, {
      record_delimiter: usesCr ? ['\r'] : ['\r\n', '\n'],
      relax_column_count: true,
      // Called for each record before the first invalid one. `bytes` is the end of the record.
      on_record: (cells: string[], context) => {
        add(cells, context.bytes);
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { source, lastLine } = linesTo(bytes.length);
    const problem = problemOf(error, source);
    errors.push({ line, lastLine: Math.max(line, lastLine), problem, isOfFile: true });
  }
  return { records, errors };
}

// --- internal ---

function problemOf({ code }: CsvError, source: string): string {
  if (/^[^"\r\n]*="/.test(source)) {
    return 'has a formula, ="…": format the column as text, then export it as CSV UTF-8';
  }
  return code === 'CSV_QUOTE_NOT_CLOSED'
    ? 'opens a quote that is never closed'
    : 'has a quote in the wrong place: quote the whole cell and double the quotes inside it';
}
