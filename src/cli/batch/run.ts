import { basename } from 'node:path';
import { hiddenInName } from '../../call/text/characters';
import { maskNumbers } from '../../call/text/masking';
import { KnownError, loadEnvironment } from '../../runtime/process';
import { readTemporalSettings } from '../../temporal/client';
import { callableRows } from './row-errors';
import { isBatchName } from './row-keys';
import { showProgress } from './progress';
import { openResults, readResults } from './results-file';
import { createStart, findStarted, ringAll, untilInterrupted } from './dispatch';
import { toSheet, type BatchRow } from './rows';
import { createTally, tellSummary } from './summary';
import { withFlags, type CommonFlags } from '../shared/flags';
import { EXIT } from '../shared/exit-codes';
import type { SpecialKind } from '../shared/parsers';
import { note, printNext, type OutputFormat } from '../shared/output';
import { firstBody, firstOpening, warnOfNights } from '../call/start';
import { readStartFlags, type StartFlags } from '../call/start-flags';
import { withTemporal } from '../shared/connect';
import { readUserFile } from '../shared/user-file';
import { toKnownError } from '../shared/temporal-errors';

/** The flags of `batch run`, as commander hands them over. */
export interface BatchFlags extends CommonFlags, StartFlags {
  readonly allowKind?: readonly SpecialKind[];
  readonly campaign?: string;
  readonly maxInFlight?: number;
  /** Starts per second. */
  readonly rps?: number;
  readonly out?: string;
  readonly resume?: boolean;
  readonly skipInvalid?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** As many as may be started without looking twice. */
const FEW_ROWS = 10;
/** Over a hundred thousand rows: more of them are several batches. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;
const IN_FLIGHT = 50;
const MAX_IN_FLIGHT = 1_000;

/**
 * Starts a call for each row of a file and collects the results. A row's id never changes, so that a
 * second run finds what a first one has started, and rings nobody twice.
 *
 * @param again The command that goes on with this batch.
 */
export async function batchRun(file: string, flags: BatchFlags, again: string): Promise<number> {
  const name = toName(file, flags.campaign);
  const maxInFlight = toInFlight(flags.maxInFlight);
  const base = await readStartFlags({ ...flags, label: [`campaign=${name}`] });
  const sheet = toSheet(readUserFile(file, MAX_FILE_BYTES), base, name, flags.allowKind);
  const rows = callableRows(file, sheet, flags.skipInvalid ?? false);
  for (const warning of sheet.warnings) note(`Warning: ${warning}`);
  if (flags.dryRun) {
    const { namespace } = readTemporalSettings(withFlags(loadEnvironment(), flags));
    return tellPlan(flags.output, { name, namespace }, rows);
  }
  const told = readResults(flags.out, flags.resume ?? false);
  if (rows.length > FEW_ROWS && !flags.yes) throw needsYes(rows.length);
  warnOfNights(rows.map(({ input }) => input));
  return withTemporal(flags, async (temporal, env) => {
    const left = rows.filter(({ workflowId }) => !told.has(workflowId));
    const started = await findStarted(temporal.client, left);
    const begun = rows.length - left.length + started.size;
    checkResume(name, { isResumed: flags.resume ?? false, begun, total: rows.length });
    const start = await createStart(temporal, env, started);
    const results = openResults(flags.out, flags.output);
    const tally = createTally(rows, told);
    const isShared = flags.out === undefined && process.stdout.isTTY;
    const progress = showProgress(tally.counts, isShared);
    const { rps } = flags;
    const ended = await untilInterrupted((signal) =>
      ringAll(left, { started, start, maxInFlight, rps, tally, results, signal }),
    )
      .catch((error: unknown) => {
        throw goOn(toKnownError(error, temporal), again);
      })
      .finally(() => {
        progress.stop();
        results.close();
      });
    if (ended === 'done') return tellSummary(tally, flags.out);
    note(`Interrupted. What was started goes on; the rest was not started. Go on:\n  ${again}`);
    return EXIT.interrupted;
  });
}

// --- internal ---

function toName(file: string, campaign: string | undefined): string {
  const name = campaign ?? basename(file).replace(/\.[^.]+$/, '');
  if (isBatchName(name)) return name;
  const hidden = hiddenInName(name);
  const named = hidden === undefined ? '' : ` It contains ${hidden}.`;
  throw new KnownError(
    `TT3004  The batch has no usable name: it is part of every id. Letters, digits and . _ - up to 64, and no phone number.${named}\n` +
      '        --campaign spring',
    EXIT.usage,
  );
}

function toInFlight(count = IN_FLIGHT): number {
  if (count >= 1 && count <= MAX_IN_FLIGHT) return count;
  throw new KnownError(
    `TT3002  --max-in-flight is not between 1 and ${MAX_IN_FLIGHT}. Nothing was started.\n        --max-in-flight ${IN_FLIGHT}`,
    EXIT.usage,
  );
}

function tellPlan(
  format: OutputFormat,
  { name, namespace }: { readonly name: string; readonly namespace: string },
  rows: readonly BatchRow[],
): number {
  if (format === 'text') process.stdout.write('line,key,workflow_id,first_dial\n');
  for (const { line, key, workflowId, input } of rows) {
    const firstDial = firstOpening(input);
    printNext(
      format,
      { line, key, workflowId, firstDial },
      `${line},${key},${workflowId},${firstDial}`,
    );
  }
  const [first] = rows;
  if (first !== undefined) {
    // The names of variables are the same in every row: one that is misspelled shows here.
    const body = firstBody(first.input, namespace, first.workflowId);
    note(`The first row would be sent as:\n  POST /calls  ${maskNumbers(body)}`);
  }
  note(`Nothing was started. ${rows.length} rows can be called, as batch ${name}.`);
  return EXIT.done;
}

function needsYes(count: number): KnownError {
  return new KnownError(
    `TT3012  ${count} rows would really ring ${count} phones. Nothing was started.\n` +
      '        Look first:  --dry-run\n' +
      '        Then:        --yes',
    EXIT.usage,
  );
}

/** A batch is begun once. What looks like another one may be the same people, rung again. */
function checkResume(
  name: string,
  at: { readonly isResumed: boolean; readonly begun: number; readonly total: number },
): void {
  const { isResumed, begun, total } = at;
  if (isResumed === begun > 0) return;
  throw new KnownError(
    isResumed
      ? `TT3011  No row of batch ${name} was ever started, so there is nothing to resume.\n` +
          '        Is --campaign, or the name of the file, another one than before? Then all would ring again.\n' +
          '        If it is a new batch:  the same without --resume'
      : `TT3011  Batch ${name} was begun before: ${begun} of ${total} rows are started. Nothing more was.\n` +
          '        Go on with it:   --resume\n' +
          '        Or a new batch:  --campaign with another name, which rings all of them again',
    EXIT.usage,
  );
}

function goOn(error: unknown, again: string): unknown {
  const text = `        What was started goes on, and nobody is rung twice. Once this is mended:\n        ${again}`;
  if (error instanceof KnownError)
    return new KnownError(`${error.message}\n${text}`, error.exitCode);
  note(text.trim());
  return error;
}
