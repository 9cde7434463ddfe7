import {
  toContactView,
  type AttemptOfContact,
  type ContactView,
} from '../../call/contact/contact-view';
import { NEW_CONTACT } from '../../call/contact/contact';
import { printableLine } from '../../call/text/characters';
import type { Temporal } from '../../temporal/client';
import { findContact, listContactIds, type StoredContact } from '../../temporal/contacts';
import { withTemporal } from '../shared/connect';
import { csvLine } from '../shared/csv-line';
import { EXIT } from '../shared/exit-codes';
import type { CommonFlags } from '../shared/flags';
import { note, print } from '../shared/output';
import { runConcurrently } from '../shared/run-concurrently';
import { usageError } from '../shared/usage-error';
import { toLines } from './opt-outs-file';
import { askContact, checkNumber, personOf } from './person';

interface ExportFlags extends CommonFlags {
  readonly format?: 'csv' | 'json';
  readonly optOuts?: boolean;
}

/**
 * Prints every dial and opt-out of a person as CSV or JSON. With `--opt-outs`: the opt-outs alone, of one person or of
 * all, as a file for `contact restore`.
 */
export async function exportContacts(
  number: string | undefined,
  flags: ExportFlags,
): Promise<number> {
  if (number !== undefined) checkNumber(number);
  if (flags.optOuts) {
    if (flags.format === undefined) return exportOptOuts(number, flags);
    throw usageError(
      'TT3002  --opt-outs has a format of its own, so --format is not possible.',
      'temporal truedy contact export --opt-outs > opt-outs.jsonl',
    );
  }
  if (number !== undefined) return exportPerson(number, flags);
  throw usageError(
    'TT3002  contact export needs a number or --opt-outs.',
    'temporal truedy contact export --opt-outs > opt-outs.jsonl',
  );
}

// --- internal ---

const CONCURRENT_READS = 20;
const UNCHANGED = 'Nothing was exported.';

async function exportPerson(number: string, flags: ExportFlags): Promise<number> {
  return withTemporal(flags, async (temporal, env) => {
    const { workflowId, shownNumber } = personOf(number, env);
    const found = await read(temporal, workflowId);
    const view = toContactView(found?.contact ?? NEW_CONTACT);
    const known = found !== undefined;
    print(
      outputOf(flags),
      { known, phoneNumber: shownNumber, workflowId, isLost: found?.isLost ?? false, ...view },
      toCsv(view),
    );
    if (!known) note(`${shownNumber} is not known in ${temporal.namespace}.`);
    if (found?.isLost)
      note(`${workflowId} was terminated or failed: calls do not know any of this.`);
    return EXIT.done;
  });
}

async function exportOptOuts(number: string | undefined, flags: ExportFlags): Promise<number> {
  return withTemporal(flags, async (temporal, env) => {
    const ids =
      number === undefined
        ? await listContactIds(temporal.client)
        : [personOf(number, env).workflowId];
    const contacts = new Map<string, StoredContact>();
    await runConcurrently(ids, CONCURRENT_READS, async (workflowId) => {
      const found = await read(temporal, workflowId);
      if (found !== undefined) contacts.set(workflowId, found);
    });
    const lines = toLines(contacts, Date.now());
    const output = flags.output === 'none' ? 'none' : 'jsonl';
    for (const line of lines) print(output, line, '');
    note(`Opt-outs: ${lines.length - 1}. Contact workflows: ${contacts.size}.`);
    return EXIT.done;
  });
}

function read(temporal: Temporal, workflowId: string): Promise<StoredContact | undefined> {
  return askContact(
    temporal,
    workflowId,
    () => findContact(temporal.client, workflowId),
    UNCHANGED,
  );
}

/** `--format` decides. Without it, `-o` does. */
function outputOf({ output, format }: ExportFlags): CommonFlags['output'] {
  if (format === undefined || output === 'none') return output;
  if (format === 'csv') return 'text';
  return output === 'text' ? 'json' : output;
}

const COLUMNS = [
  'record',
  'at',
  'at_latest',
  'ended_at',
  'outcome',
  'reason',
  'end_reason',
  'reference',
  'workflow_id',
] as const;

type Row = Partial<Record<(typeof COLUMNS)[number], string | undefined>> & { readonly at: string };

/** In the order of time, with every column in every row. */
function toCsv({ dials, open, optOuts }: ContactView): string {
  const rows: readonly Row[] = [
    ...dials.map((one) => ({ record: 'dial', ...toRow(one), outcome: one.outcome })),
    ...open.map((one) => ({ record: 'open_dial', ...toRow(one) })),
    ...optOuts.map(({ at, endedAt, reason, endReason }) => ({
      record: 'opt_out',
      at,
      ended_at: endedAt,
      reason,
      end_reason: endReason,
    })),
  ];
  const inOrder = [...rows].sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
  const lines = inOrder.map((row) => csvLine(COLUMNS.map((name) => toCell(row[name] ?? ''))));
  return [COLUMNS.join(','), ...lines].join('\n');
}

function toRow(
  one: AttemptOfContact & {
    readonly sentFrom: string;
    readonly sentTo: string;
    readonly endedAt?: string;
  },
) {
  const { reference, workflowId, sentFrom, sentTo, endedAt } = one;
  return {
    at: sentFrom,
    at_latest: sentTo,
    ended_at: endedAt,
    reference,
    workflow_id: workflowId,
  };
}

/** On one line. A spreadsheet would run a text that begins like a formula. */
function toCell(text: string): string {
  const line = printableLine(text);
  return /^[=+\-@]/.test(line) ? `'${line}` : line;
}
