import { basename } from 'node:path';
import { hiddenInName } from '../../call/text/characters';
import { maskNumbers } from '../../call/text/masking';
import { KnownError, loadEnvironment } from '../../runtime/process';
import { readTemporalSettings } from '../../temporal/client';
import { callableRows } from './row-errors';
import { isBatchName } from './row-keys';
import { showProgress } from './progress';
import { openResults, readResults } from './results-file';
import { createStart, findStarted, dispatchAll } from './dispatch';
import { toSheet, type BatchRow } from './rows';
import { createTally, printSummary } from './summary';
import { withFlags, type CommonFlags } from '../shared/flags';
import { EXIT } from '../shared/exit-codes';
import { untilInterrupted } from '../shared/interruptible';
import type { SpecialKind } from '../shared/parsers';
import { note, printNext, type OutputFormat } from '../shared/output';
import { firstBody, firstOpening, warnOfNightCalls } from '../call/start';
import { readStartFlags, type StartFlags } from '../call/start-flags';
import { withTemporal } from '../shared/connect';
import { readUserFile } from '../shared/user-file';
import { toKnownError } from '../shared/temporal-errors';
import { usageError } from '../shared/usage-error';

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

/** Larger batches have to be confirmed with `--yes`. */
const MAX_UNCONFIRMED_ROWS = 10;
/** Over a hundred thousand rows. Larger files have to be split. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;
const DEFAULT_IN_FLIGHT = 50;
const MAX_IN_FLIGHT = 1_000;

/**
 * Starts one call per row of a file and collects the results. The workflow ID of a row never changes, so a
 * second run finds the calls of the first one and dials no number twice.
 *
 * @param resumeCommand The command that resumes this batch.
 */
export async function batchRun(
  file: string,
  flags: BatchFlags,
  resumeCommand: string,
): Promise<number> {
  const name = toName(file, flags.campaign);
  const maxInFlight = toInFlight(flags.maxInFlight);
  const base = await readStartFlags({ ...flags, label: [`campaign=${name}`] });
  const sheet = toSheet(readUserFile(file, MAX_FILE_BYTES), base, name, flags.allowKind);
  const rows = callableRows(file, sheet, flags.skipInvalid ?? false);
  for (const warning of sheet.warnings) note(`Warning: ${warning}`);
  if (flags.dryRun) {
    const { namespace } = readTemporalSettings(withFlags(loadEnvironment(), flags));
    return printPlan(flags.output, { name, namespace }, rows);
  }
  const earlier = readResults(flags.out, flags.resume ?? false);
  if (rows.length > MAX_UNCONFIRMED_ROWS && !flags.yes) throw needsYes(rows.length);
  warnOfNightCalls(rows.map(({ input }) => input));
  return withTemporal(flags, async (temporal, env) => {
    const remaining = rows.filter(({ workflowId }) => !earlier.has(workflowId));
    const started = await findStarted(temporal.client, remaining);
    const startedBefore = rows.length - remaining.length + started.size;
    requireResume(name, { isResumed: flags.resume ?? false, startedBefore, total: rows.length });
    const start = await createStart(temporal, env, started);
    const results = openResults(flags.out, flags.output);
    const tally = createTally(rows, earlier);
    const isShared = flags.out === undefined && process.stdout.isTTY;
    const progress = showProgress(tally.counts, isShared);
    const { rps } = flags;
    const ended = await untilInterrupted((signal) =>
      dispatchAll(remaining, { started, start, maxInFlight, rps, tally, results, signal }),
    )
      .catch((error: unknown) => {
        throw withResumeHint(toKnownError(error, temporal), resumeCommand);
      })
      .finally(() => {
        progress.stop();
        results.close();
      });
    if (ended !== 'interrupted') return printSummary(tally, flags.out);
    note(
      `Interrupted. Calls that were started continue; the rest was not started. To resume:\n  ${resumeCommand}`,
    );
    return EXIT.interrupted;
  });
}

// --- internal ---

function toName(file: string, campaign: string | undefined): string {
  const name = campaign ?? basename(file).replace(/\.[^.]+$/, '');
  if (isBatchName(name)) return name;
  const hidden = hiddenInName(name);
  const named = hidden === undefined ? '' : ` It contains ${hidden}.`;
  throw usageError(
    `TT3004  The name of the batch must be letters, digits and . _ - of at most 64 characters, and not a phone number.${named}`,
    'It is part of every workflow ID and defaults to the file name.',
    '--campaign spring',
  );
}

function toInFlight(count = DEFAULT_IN_FLIGHT): number {
  if (count >= 1 && count <= MAX_IN_FLIGHT) return count;
  throw usageError(
    `TT3002  --max-in-flight must be from 1 to ${MAX_IN_FLIGHT}. Nothing was started.`,
    `--max-in-flight ${DEFAULT_IN_FLIGHT}`,
  );
}

function printPlan(
  format: OutputFormat,
  { name, namespace }: { readonly name: string; readonly namespace: string },
  rows: readonly BatchRow[],
): number {
  if (format === 'text') process.stdout.write('line,key,workflow_id,first_dial\n');
  for (const { line, key, workflowId, input } of rows) {
    const firstDial = firstOpening(input);
    const row = { line, key, workflowId, firstDial };
    printNext(format, row, Object.values(row).join(','));
  }
  const [first] = rows;
  if (first !== undefined) {
    // All rows have the same variable names, so one that is misspelled can be seen here.
    const body = firstBody(first.input, namespace, first.workflowId);
    note(`Request of the first row:\n  POST /calls  ${maskNumbers(body)}`);
  }
  note(`Nothing was started. ${rows.length} rows can be called as batch ${name}.`);
  return EXIT.done;
}

function needsYes(count: number): KnownError {
  return usageError(
    `TT3012  A batch of ${count} rows needs confirmation: it really calls ${count} phones. Nothing was started.`,
    'Check the plan:  --dry-run',
    'Then confirm:    --yes',
  );
}

/** A batch is started once. Without `--resume`, a second start could call the same people again. */
function requireResume(
  name: string,
  at: { readonly isResumed: boolean; readonly startedBefore: number; readonly total: number },
): void {
  const { isResumed, startedBefore, total } = at;
  if (isResumed === startedBefore > 0) return;
  if (isResumed) {
    throw usageError(
      `TT3011  No row of batch ${name} was started before. Nothing was started.`,
      'With another --campaign or file name than before, all rows would be called again.',
      'For a new batch:  omit --resume',
    );
  }
  throw usageError(
    `TT3011  Batch ${name} exists: ${startedBefore} of ${total} rows were started before. Nothing more was started.`,
    'To continue it:   --resume',
    'For a new batch:  another --campaign, which calls all rows again',
  );
}

function withResumeHint(error: unknown, resumeCommand: string): unknown {
  const text = `        Calls that were started continue, and none is dialed twice. After fixing this:\n        ${resumeCommand}`;
  if (error instanceof KnownError)
    return new KnownError(`${error.message}\n${text}`, error.exitCode);
  note(text.trim());
  return error;
}
