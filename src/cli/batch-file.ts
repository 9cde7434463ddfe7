import { readFile, stat } from 'node:fs/promises';
import { CsvError, parse } from 'csv-parse/sync';
import { KnownError } from '../process';
import { EXIT } from './exits';

/** Over a hundred thousand rows: whoever has more has several batches. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;
const LINE_BREAKS = ['\r\n', '\n', '\r'];
const LINE = /[^\r\n]*(?:\r\n|\n|\r|$)/g;
/** A line inside of a cell that begins as a row of ours does. */
const ROW_IN_CELL = /[\r\n]"?\+?\d{7,}/;

/** One record of the file, by the lines it stands on; the first line is 1. */
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
}

/** @throws KnownError where it is no regular file of text, or too large. What it holds is never repeated. */
export async function readTextFile(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw unusable(path, 'is not there, or cannot be read');
  // A pipe without a writer would be waited for for ever.
  if (!found.isFile()) throw unusable(path, 'is no regular file');
  if (found.size > MAX_FILE_BYTES)
    throw unusable(path, 'is over 16 MiB: make several batches of it');
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) throw unusable(path, 'is not there, or cannot be read');
  try {
    // It takes the byte order mark away that spreadsheets write.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw unusable(path, 'is not UTF-8: save it as "CSV UTF-8"');
  }
}

/**
 * The records of a CSV file with the lines they stand on. Empty ones are none.
 *
 * A record with a fault ends on its first line: a quote that nobody closes would else swallow the good
 * rows after it.
 */
export function readCsv(text: string): {
  readonly records: readonly CsvRecord[];
  readonly faults: readonly RowFault[];
} {
  const lines = text.match(LINE) ?? [];
  const records: CsvRecord[] = [];
  const faults: RowFault[] = [];
  let at = 0;
  while (at < lines.length) {
    const end = endOf(lines, at);
    const where = { line: at + 1, lastLine: Math.max(at + 1, end) };
    const read = readRecord(lines.slice(at, end).join(''));
    if (typeof read === 'string') {
      faults.push({ line: where.line, lastLine: where.line, problem: read });
      at += 1;
    } else {
      if (read.some((cell) => cell.trim() !== '')) records.push({ ...where, cells: read });
      at = end;
    }
  }
  return { records, faults };
}

// --- internal ---

/** The line after a record: quotes come in pairs, and within a pair a line break is text. */
function endOf(lines: readonly string[], start: number): number {
  let isOpen = false;
  for (let at = start; at < lines.length; at += 1) {
    const quotes = lines[at]?.split('"').length ?? 1;
    if (quotes % 2 === 0) isOpen = !isOpen;
    if (!isOpen) return at + 1;
  }
  return lines.length;
}

/** The cells of one record, or what is wrong with it. */
function readRecord(text: string): readonly string[] | string {
  try {
    const [cells = []] = parse(text, { record_delimiter: LINE_BREAKS, relax_column_count: true });
    return cells.some((cell) => ROW_IN_CELL.test(cell))
      ? 'has a cell that holds another row: a quote was left open'
      : cells;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return error.code === 'CSV_QUOTE_NOT_CLOSED'
      ? 'opens a quote that nobody closes'
      : 'has a quote where none may be: put the cell into quotes and double those inside';
  }
}

function unusable(path: string, problem: string): KnownError {
  return new KnownError(
    `TT3002  ${path} ${problem}. Nothing was started.\n        ls -l ${path}`,
    EXIT.usage,
  );
}
