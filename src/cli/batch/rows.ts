import { validateInput } from '../../activities/input-schema';
import { hiddenInName, withoutHidden } from '../../call/text/characters';
import type { InputProblem, OutboundCallInput } from '../../call/input';
import { readCsv, type CsvRecord, type RowFault } from './csv';
import { keyOf, keyProblems } from './row-keys';
import { warningsOf } from './warnings';
import { numberHint, specialKind } from '../call/phone-number';
import type { SpecialKind } from '../shared/parsers';
import { fieldsOf, merged, section } from '../call/start-flags';

/** One call of a batch. The same row of the same batch has the same id, always. */
export interface BatchRow {
  readonly line: number;
  readonly key: string;
  readonly workflowId: string;
  readonly input: OutboundCallInput;
}

export interface Sheet {
  /** Those that can be called. */
  readonly rows: readonly BatchRow[];
  /** Every fault of the others, by line. */
  readonly faults: readonly RowFault[];
  /** How many rows there are, good and bad. */
  readonly count: number;
  /** What is allowed and may not be meant. */
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

/** Before the name of a variable in the header: `var.first_name`. */
const VARIABLE = 'var.';

/** Where a fault of the input is found in the file or among the flags. */
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
 * The calls of a CSV file, and every fault in it.
 *
 * @param base What all rows have in common; a cell that is not empty overrides it.
 * @param batch The name of the batch: ids are made of it and the row's key alone.
 * @param allowed The kinds of special numbers that are meant.
 */
export function toSheet(
  text: string,
  base: unknown,
  batch: string,
  allowed: readonly SpecialKind[] = [],
): Sheet {
  const { records, faults } = readCsv(text);
  const [header, ...body] = records;
  const [first] = faults;
  if (header === undefined || (first !== undefined && first.line < header.line)) {
    return only(first?.line ?? 1, first?.problem ?? 'the file is empty');
  }
  const headerFaults = checkHeader(header.cells);
  if (headerFaults.length > 0) {
    const found = headerFaults.map((problem) => fault(header, problem));
    return { rows: [], count: 0, faults: found, warnings: [] };
  }
  const drafts = body.map((record) => toDraft(record, header.cells, base, batch));
  const special = drafts.flatMap((draft) => specialFault(draft, allowed));
  const all = [...faults, ...drafts.flatMap(faultsOf), ...special, ...doubles(drafts)];
  const bad = new Set(all.map(({ line }) => line));
  if (drafts.length + faults.length === 0) return only(header.line, 'no row follows the header');
  return {
    rows: drafts.flatMap(({ line, key, workflowId, input }) =>
      !bad.has(line) && input !== undefined ? [{ line, key, workflowId, input }] : [],
    ),
    faults: all.sort((a, b) => a.line - b.line),
    count: drafts.length + faults.length,
    warnings: warningsOf(header.cells, body),
  };
}

// --- internal ---

/** A row as it was read, right or wrong. */
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

function only(line: number, problem: string): Sheet {
  return { rows: [], count: 0, faults: [{ line, lastLine: line, problem }], warnings: [] };
}

function fault({ line, lastLine }: Pick<Draft, 'line' | 'lastLine'>, problem: string): RowFault {
  return { line, lastLine, problem };
}

function faultsOf(draft: Draft): readonly RowFault[] {
  return draft.problems.map((problem) => fault(draft, problem));
}

function specialFault(draft: Draft, allowed: readonly SpecialKind[]): readonly RowFault[] {
  const kind = specialKind(draft.number);
  if (kind === undefined || allowed.includes(kind)) return [];
  return [fault(draft, `phone_number  is a ${kind} number (--allow-kind ${kind} takes it)`)];
}

function checkHeader(names: readonly string[]): readonly string[] {
  // Spreadsheets take it for a setting; to any other reader it is the header.
  if (names[0]?.startsWith('sep=')) return ['is a separator line for spreadsheets: delete it'];
  const problems = names.flatMap((name, at) => problemOfName(name, at, names) ?? []);
  const hasNumber = names.some((name) => withoutHidden(name) === 'phone_number');
  return hasNumber
    ? problems
    : ['there is no column phone_number (columns are separated by commas)', ...problems];
}

function problemOfName(name: string, at: number, names: readonly string[]): string | undefined {
  const column = `column ${at + 1}`;
  const bare = name.startsWith(VARIABLE) ? name.slice(VARIABLE.length) : name;
  const hidden = hiddenInName(name) ?? hiddenInName(bare);
  if (hidden !== undefined) {
    const seen = withoutHidden(name).replace(/^var\. +/, VARIABLE);
    const shown = isColumn(seen) ? ` (${seen})` : '';
    return `the name of ${column}${shown} has a hidden character: ${hidden}`;
  }
  if (names.indexOf(name) < at) return `${column} is there twice`;
  return isColumn(name)
    ? undefined
    : `${column} is none we know: ${COLUMNS.join(', ')}, or var.NAME for a variable`;
}

function isColumn(name: string): boolean {
  const isVariable = name.startsWith(VARIABLE) && name.length > VARIABLE.length;
  return isVariable || COLUMNS.some((known) => known === name);
}

function toDraft(record: CsvRecord, names: readonly string[], base: unknown, batch: string): Draft {
  const { line, lastLine, cells } = record;
  // An empty cell says nothing: what all rows have in common holds.
  const filled = names.flatMap((name, at) => (cells[at] ? [[name, cells[at]] as const] : []));
  const row = new Map<string, string>(filled);
  const cell = (name: Column) => row.get(name);
  const isWhole = cells.length === names.length;
  // Of a row whose cells stand elsewhere nothing can be said of its number.
  const number = (isWhole && cell('phone_number')) || '';
  const key = cell('key') ?? keyOf(batch, number);
  const { input, problems: inputProblems } = validateInput(toInput(row, base));
  const problems = isWhole
    ? [
        ...keyProblems(cell('key'), number),
        ...new Set(inputProblems.map((one) => toProblem(one, number))),
      ]
    : [`its cells (${cells.length}) are not as many as the columns (${names.length})`];
  const hasKey = cell('key') !== undefined;
  return {
    line,
    lastLine,
    problems,
    number,
    hasKey,
    key,
    workflowId: `call/${batch}/${key}`,
    input,
  };
}

function toInput(row: ReadonlyMap<string, string>, base: unknown): unknown {
  const { call, window } = fieldsOf(base);
  const variables = [...row]
    .filter(([name]) => name.startsWith(VARIABLE))
    .map(([name, value]) => [name.slice(VARIABLE.length), value]);
  return merged(base, {
    call: merged(call, {
      // What `--input` says of a number is not this row's.
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
  const place = PLACES.get(path) ?? path.replace(/^call\.variables\./, VARIABLE);
  const hint = path === 'call.phone_number' ? numberHint(number) : undefined;
  return `${place}  ${problem}${hint === undefined ? '' : `; ${hint}`}`;
}

/** A number is rung once by a batch, unless its rows say that these are different calls. */
function doubles(drafts: readonly Draft[]): readonly RowFault[] {
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
      return [
        fault(
          draft,
          `phone_number  is that of line ${sameNumber.line}: leave one out, or give each a key`,
        ),
      ];
    }
    return sameKey === undefined ? [] : [fault(draft, `key  is that of line ${sameKey.line}`)];
  });
}
