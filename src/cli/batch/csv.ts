import { CsvError, parse } from 'csv-parse/sync';

const LINE_BREAK = /\r\n|\n|\r/g;
const QUOTED = /"[^"]*"/g;

/** One record of the file, by the lines it is on; the first line is 1. */
export interface CsvRecord {
  readonly line: number;
  readonly lastLine: number;
  readonly cells: readonly string[];
}

/** What is wrong with the rows of a file, in words that repeat nothing of it. */
export interface RowFault {
  readonly line: number;
  /** Rows may hide between it and `line`: a quote can swallow them. */
  readonly lastLine: number;
  readonly problem: string;
  /** Rows of the whole file may not be what they seem: lines of a note, before a quote that is missing. */
  readonly isOfFile?: true;
}

/**
 * The records of a CSV file (RFC 4180) with the lines they are on. Empty ones are left out.
 *
 * A line break within quotes never starts a record. At a wrong quote no program can say which line breaks
 * are within quotes, so reading ends there with one fault that spans the rest of the file.
 */
export function readCsv(text: string): {
  readonly records: readonly CsvRecord[];
  readonly faults: readonly RowFault[];
} {
  const bytes = Buffer.from(text);
  const records: CsvRecord[] = [];
  const faults: RowFault[] = [];
  // A lone CR ends the rows of old Macintosh files, whose cells may contain LF. Elsewhere it is a mistake.
  const isMacintosh = !text.replace(QUOTED, '').includes('\n');
  let readBytes = 0;
  let line = 1;
  const linesTo = (endBytes: number) => {
    const written = bytes.subarray(readBytes, endBytes).toString();
    const breaks = written.match(LINE_BREAK)?.length ?? 0;
    return { written, breaks, lastLine: line + breaks - (/[\r\n]$/.test(written) ? 1 : 0) };
  };
  const add = (cells: readonly string[], endBytes: number) => {
    const { written, breaks, lastLine } = linesTo(endBytes);
    if (!isMacintosh && /\r(?!\n)/.test(written.replace(QUOTED, ''))) {
      faults.push({ line, lastLine, problem: 'has a carriage return outside quotes' });
    } else if (cells.some((cell) => cell.trim() !== '')) {
      records.push({ line, lastLine, cells });
    }
    readBytes = endBytes;
    line += breaks;
  };
  try {
    parse(text, {
      record_delimiter: isMacintosh ? ['\r'] : ['\r\n', '\n'],
      relax_column_count: true,
      // Called for each record up to the first wrong one; `bytes` is the end of the record.
      on_record: (cells: string[], context) => {
        add(cells, context.bytes);
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { written, lastLine } = linesTo(bytes.length);
    faults.push({
      line,
      lastLine: Math.max(line, lastLine),
      problem: problemOf(error, written),
      isOfFile: true,
    });
  }
  return { records, faults };
}

// --- internal ---

function problemOf({ code }: CsvError, written: string): string {
  if (/^[^"\r\n]*="/.test(written)) {
    return 'has a formula, ="…": format the column as text, then export it as CSV UTF-8';
  }
  return code === 'CSV_QUOTE_NOT_CLOSED'
    ? 'opens a quote that is never closed'
    : 'has a quote in the wrong place: put the cell in quotes and double those inside';
}
