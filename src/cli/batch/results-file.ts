import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure, TerminatedFailure } from '@temporalio/common';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import type { CallResult, LearnedBy } from '../../call/api-types';
import { OUTCOMES } from '../../call/outcome';
import { KnownError } from '../../runtime/process';
import type { BatchRow } from './rows';
import { csvLine } from '../shared/csv-line';
import { EXIT } from '../shared/exit-codes';
import { printNext, type OutputFormat } from '../shared/output';

export interface RowResult {
  /** An outcome, the type of the run's failure, `terminated` or `timed_out`. */
  readonly outcome: string;
  readonly callId?: string;
  readonly attempts: number;
  readonly learnedBy?: LearnedBy;
  /** Why nothing was dialed, if the outcome is `suppressed`. */
  readonly reason?: string;
}

/** Writes each result when it arrives. */
export interface Results {
  add(row: BatchRow, result: RowResult): void;
  close(): void;
}

const COLUMNS = 'line,key,workflow_id,outcome,call_id,attempts,learned_by,reason';
/** The run was ended from outside, so the phone may have rung. */
const ABORTED = ['terminated', 'timed_out'] as const;

/** `failed`: a problem has to be fixed; the last attempt did not ring. `unknown`: the phone may have rung. */
export function resultKind(outcome: string): 'ended' | 'failed' | 'unknown' {
  if (outcome === 'unknown' || ABORTED.some((status) => status === outcome)) return 'unknown';
  return OUTCOMES.some((known) => known === outcome) ? 'ended' : 'failed';
}

/** Waits for a run to end, in whatever way. Errors of Temporal itself are thrown. */
export async function waitForResult(handle: WorkflowHandle): Promise<RowResult> {
  try {
    const { outcome, callId, attempts, reason }: CallResult = await handle.result();
    const learnedBy = attempts.at(-1)?.learnedBy;
    return {
      outcome,
      attempts: attempts.length,
      ...(callId !== undefined && { callId }),
      ...(learnedBy !== undefined && { learnedBy }),
      ...(reason !== undefined && { reason }),
    };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    if (cause instanceof ApplicationFailure) {
      const details = failureDetails.safeParse(cause.details?.[0]);
      return { outcome: cause.type ?? 'failed', attempts: details.data?.attempts.length ?? 0 };
    }
    const [terminated, timedOut] = ABORTED;
    return { outcome: cause instanceof TerminatedFailure ? terminated : timedOut, attempts: 0 };
  }
}

/**
 * The outcomes that a results file already holds, by workflow id.
 *
 * @throws KnownError if a new batch would overwrite a file, or a resumed batch would append to a file of
 *   another kind.
 */
export function readResults(
  path: string | undefined,
  isResumed: boolean,
): ReadonlyMap<string, string> {
  if (path === undefined || !existsSync(path)) return new Map();
  if (!isResumed) {
    throw usage(`--out ${path} already exists`, '--resume to continue the batch, or another --out');
  }
  const text = wholeLines(read(path));
  if (text !== '' && !text.startsWith(`${COLUMNS}\n`)) {
    throw usage(`--out ${path} does not contain results of a batch`, `head -1 ${path}`);
  }
  const [, ...records] = parse(text, { relax_column_count: true });
  return new Map(records.map(([, , workflowId = '', outcome = '']) => [workflowId, outcome]));
}

/** Each result is written immediately and separately, so that a kill at any time loses none. */
export function openResults(path: string | undefined, format: OutputFormat): Results {
  if (path === undefined) return toStdout(format);
  try {
    return toFile(openSync(path, 'a+'));
  } catch (cause) {
    throw usage(`--out ${path} cannot be written`, `ls -l ${path}`, cause);
  }
}

// --- internal ---

const failureDetails = z.object({ attempts: z.array(z.unknown()) });

function toStdout(format: OutputFormat): Results {
  if (format === 'text') process.stdout.write(`${COLUMNS}\n`);
  return {
    add: (row, result) => {
      const { line, key, workflowId } = row;
      printNext(format, { line, key, workflowId, ...result }, toLine(row, result));
    },
    close: () => undefined,
  };
}

function toFile(file: number): Results {
  const text = readFileSync(file, 'utf8');
  const whole = wholeLines(text);
  if (whole !== text) ftruncateSync(file, Buffer.byteLength(whole));
  if (whole === '') writeSync(file, `${COLUMNS}\n`);
  return {
    add: (row, result) => void writeSync(file, `${toLine(row, result)}\n`),
    close: () => closeSync(file),
  };
}

/** Drops an incomplete last line, which a power failure may have left. */
function wholeLines(text: string): string {
  return text.slice(0, text.lastIndexOf('\n') + 1);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw usage(`--out ${path} cannot be read`, `ls -l ${path}`, cause);
  }
}

/** Contains neither the number nor any variable. */
function toLine({ line, key, workflowId }: BatchRow, result: RowResult): string {
  const { outcome, callId = '', attempts, learnedBy = '', reason = '' } = result;
  return csvLine([line, key, workflowId, outcome, callId, attempts, learnedBy, reason]);
}

function usage(problem: string, next: string, cause?: unknown): KnownError {
  const text = `TT3013  ${problem}. Nothing was started.\n        ${next}`;
  return new KnownError(text, EXIT.usage, { cause });
}
