import { validateInput } from '../../activities/input-schema';
import { hiddenInName, withoutHidden } from '../../call/text/characters';
import type { InputProblem, OutboundCallInput } from '../../call/input';
import { readCsv, type CsvRecord, type RowError } from './csv';
import { defaultKey, keyProblems } from './row-keys';
import { warningsOf } from './warnings';
import { numberHint, specialKind } from '../call/phone-number';
import type { SpecialKind } from '../shared/parsers';
import { fieldsOf, merged, section } from '../call/start-flags';

/** One call of a batch. A row always has the same workflow ID within its batch. */
export interface BatchRow {
  readonly line: number;
  readonly key: string;
  readonly workflowId: string;
  readonly input: OutboundCallInput;
}

/** The parsed file of a batch. */
export interface Sheet {
  /** The valid rows. */
  readonly rows: readonly BatchRow[];
  /** All errors of the other rows, by line. */
  readonly errors: readonly RowError[];
  /** The number of rows, valid and invalid. */
  readonly count: number;
  /** About what is valid but possibly a mistake. */
  readonly warnings: readonly string[];
}

const COLUMNS = [
  'phone_number',
  'key',
  'agent_id',
  'time_zone',
  'not_before',
  'expires_at',
] as const;
type Column = (typeof COLUMNS)[number];

/** The prefix of a variable in the header: `var.first_name`. */
const VARIABLE_PREFIX = 'var.';

/** The column or flag that a path of the input comes from. */
const PLACES: ReadonlyMap<string, string> = new Map([
  ['call.phone_number', 'phone_number'],
  ['call.agent_id', 'agent_id or --agent'],
  ['call.from_number', '--from'],
  ['window.timeZone', 'time_zone'],
  ['window.from', '--window'],
  ['window.to', '--window'],
  ['notBefore', 'not_before'],
  ['expiresAt', 'expires_at'],
]);

/**
 * Parses and validates the CSV file of a batch.
 *
 * @param base The input that all rows share. A cell that is not empty overrides it.
 * @param batch The name of the batch. Workflow IDs consist of it and the key of the row alone.
 * @param allowed The special kinds of numbers that may be called.
 */
export function toSheet(
  text: string,
  base: unknown,
  batch: string,
  allowed: readonly SpecialKind[] = [],
): Sheet {
  const { records, errors } = readCsv(text);
  const [header, ...body] = records;
  const [first] = errors;
  if (header === undefined || (first !== undefined && first.line < header.line)) {
    return fileError(first?.line ?? 1, first?.problem ?? 'the file is empty');
  }
  const headerProblems = checkHeader(header.cells);
  if (headerProblems.length > 0) {
    const found = headerProblems.map((problem) => errorOf(header, problem));
    return { rows: [], count: 0, errors: found, warnings: [] };
  }
  const drafts = body.map((record) => toDraft(record, header.cells, base, batch));
  const special = drafts.flatMap((draft) => specialNumberError(draft, allowed));
  const all = [...errors, ...drafts.flatMap(errorsOf), ...special, ...duplicateErrors(drafts)];
  const invalidLines = new Set(all.map(({ line }) => line));
  if (drafts.length + errors.length === 0)
    return fileError(header.line, 'no row follows the header');
  return {
    rows: drafts.flatMap(({ line, key, workflowId, input }) =>
      !invalidLines.has(line) && input !== undefined ? [{ line, key, workflowId, input }] : [],
    ),
    errors: all.sort((a, b) => a.line - b.line),
    count: drafts.length + errors.length,
    warnings: warningsOf(header.cells, body),
  };
}

// --- internal ---

/** A row, valid or not. */
interface Draft {
  readonly line: number;
  readonly lastLine: number;
  readonly problems: readonly string[];
  readonly number: string;
  readonly hasKey: boolean;
  readonly key: string;
  readonly workflowId: string;
  /** `undefined` if it is invalid. */
  readonly input: OutboundCallInput | undefined;
}

function fileError(line: number, problem: string): Sheet {
  return { rows: [], count: 0, errors: [{ line, lastLine: line, problem }], warnings: [] };
}

function errorOf({ line, lastLine }: Pick<Draft, 'line' | 'lastLine'>, problem: string): RowError {
  return { line, lastLine, problem };
}

function errorsOf(draft: Draft): readonly RowError[] {
  return draft.problems.map((problem) => errorOf(draft, problem));
}

function specialNumberError(draft: Draft, allowed: readonly SpecialKind[]): readonly RowError[] {
  const kind = specialKind(draft.number);
  if (kind === undefined || allowed.includes(kind)) return [];
  return [errorOf(draft, `phone_number  is a ${kind} number (--allow-kind ${kind} allows it)`)];
}

function checkHeader(names: readonly string[]): readonly string[] {
  // Spreadsheets treat this line as a setting. Other programs read it as the header.
  if (names[0]?.startsWith('sep=')) return ['is a separator line for spreadsheets: delete it'];
  const problems = names.flatMap((name, at) => problemOfName(name, at, names) ?? []);
  const hasNumber = names.some((name) => withoutHidden(name) === 'phone_number');
  return hasNumber
    ? problems
    : ['column phone_number is missing (columns are separated by commas)', ...problems];
}

function problemOfName(name: string, at: number, names: readonly string[]): string | undefined {
  const column = `column ${at + 1}`;
  const bare = name.startsWith(VARIABLE_PREFIX) ? name.slice(VARIABLE_PREFIX.length) : name;
  const hidden = hiddenInName(name) ?? hiddenInName(bare);
  if (hidden !== undefined) {
    const visible = withoutHidden(name).replace(/^var\. +/, VARIABLE_PREFIX);
    const shown = isColumn(visible) ? ` (${visible})` : '';
    return `the name of ${column}${shown} contains an invisible character: ${hidden}`;
  }
  if (names.indexOf(name) < at) return `${column} repeats an earlier column`;
  return isColumn(name)
    ? undefined
    : `${column} has an unknown name: use ${COLUMNS.join(', ')}, or var.NAME for a variable`;
}

function isColumn(name: string): boolean {
  const isVariable = name.startsWith(VARIABLE_PREFIX) && name.length > VARIABLE_PREFIX.length;
  return isVariable || COLUMNS.some((known) => known === name);
}

function toDraft(record: CsvRecord, names: readonly string[], base: unknown, batch: string): Draft {
  const { line, lastLine, cells } = record;
  // The shared input applies where a cell is empty.
  const filled = names.flatMap((name, at) => (cells[at] ? [[name, cells[at]] as const] : []));
  const row = new Map<string, string>(filled);
  const cell = (name: Column) => row.get(name);
  const isComplete = cells.length === names.length;
  // If the number of cells is wrong, the cells may be shifted and the number is not known.
  const number = (isComplete && cell('phone_number')) || '';
  const key = cell('key') ?? defaultKey(batch, number);
  const { input, problems: inputProblems } = validateInput(toInput(row, base));
  const problems = isComplete
    ? [
        ...keyProblems(cell('key'), number),
        ...new Set(inputProblems.map((problem) => toProblem(problem, number))),
      ]
    : [`has a different number of cells (${cells.length}) than the header (${names.length})`];
  const hasKey = cell('key') !== undefined;
  const workflowId = `call/${batch}/${key}`;
  return { line, lastLine, problems, number, hasKey, key, workflowId, input };
}

function toInput(row: ReadonlyMap<string, string>, base: unknown): unknown {
  const { call, window } = fieldsOf(base);
  const variables = [...row]
    .filter(([name]) => name.startsWith(VARIABLE_PREFIX))
    .map(([name, value]) => [name.slice(VARIABLE_PREFIX.length), value]);
  return merged(base, {
    call: merged(call, {
      // A number in `--input` does not apply to rows.
      phone_number: row.get('phone_number') ?? '',
      agent_id: row.get('agent_id'),
      variables: section(fieldsOf(call)['variables'], Object.fromEntries(variables)),
    }),
    window: section(window, { timeZone: row.get('time_zone') }),
    notBefore: row.get('not_before'),
    expiresAt: row.get('expires_at'),
  });
}

function toProblem({ path, problem }: InputProblem, number: string): string {
  const place = PLACES.get(path) ?? path.replace(/^call\.variables\./, VARIABLE_PREFIX);
  const hint = path === 'call.phone_number' ? numberHint(number) : undefined;
  return `${place}  ${problem}${hint === undefined ? '' : `; ${hint}`}`;
}

/** A batch calls a number once, unless each of its rows has a key. */
function duplicateErrors(drafts: readonly Draft[]): readonly RowError[] {
  const byKey = new Map<string, Draft>();
  const byNumber = new Map<string, Draft>();
  return drafts.flatMap((draft) => {
    const { key, number, hasKey } = draft;
    if (number === '') return [];
    const sameKey = byKey.get(key);
    const sameNumber = byNumber.get(number);
    if (sameKey === undefined) byKey.set(key, draft);
    if (sameNumber === undefined) byNumber.set(number, draft);
    if (sameNumber !== undefined && !(hasKey && sameNumber.hasKey)) {
      const earlier = `repeats line ${sameNumber.line}: remove one row, or give each a key`;
      return [errorOf(draft, `phone_number  ${earlier}`)];
    }
    return sameKey === undefined ? [] : [errorOf(draft, `key  repeats line ${sameKey.line}`)];
  });
}
