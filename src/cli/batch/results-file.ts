import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure, TerminatedFailure } from '@temporalio/common';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import type { CallResult, LearnedBy } from '../../call/api-types';
import { OUTCOMES } from '../../call/outcome';
import { KnownError } from '../../runtime/process';
import type { BatchRow } from './rows';
import { EXIT } from '../shared/exit-codes';
import { printNext, type OutputFormat } from '../shared/output';

/** How the call of a row ended. */
export interface Ending {
  /** An outcome; else the type of the run's failure, or how it was ended from outside. */
  readonly outcome: string;
  readonly callId?: string;
  readonly attempts: number;
  readonly learnedBy?: LearnedBy;
}

/** Where results go, each as it comes. */
export interface Results {
  add(row: BatchRow, ending: Ending): void;
  close(): void;
}

const COLUMNS = 'line,key,workflow_id,outcome,call_id,attempts,learned_by';
/** How a run can end that nobody of ours ended: a phone may have rung. */
const BY_FORCE = ['terminated', 'timed_out'] as const;

/** `failed`: somebody must repair something; no phone rang by the last attempt. `unknown`: one may have. */
export function kindOf(outcome: string): 'ended' | 'failed' | 'unknown' {
  if (outcome === 'unknown' || BY_FORCE.some((word) => word === outcome)) return 'unknown';
  return OUTCOMES.some((word) => word === outcome) ? 'ended' : 'failed';
}

/** Waits for the end of a run. Every end of its own is an answer; what is thrown is Temporal's. */
export async function endingOf(handle: WorkflowHandle): Promise<Ending> {
  try {
    const { outcome, callId, attempts }: CallResult = await handle.result();
    const learnedBy = attempts.at(-1)?.learnedBy;
    return {
      outcome,
      attempts: attempts.length,
      ...(callId !== undefined && { callId }),
      ...(learnedBy !== undefined && { learnedBy }),
    };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    if (cause instanceof ApplicationFailure) {
      const told = failureDetails.safeParse(cause.details?.[0]);
      return { outcome: cause.type ?? 'failed', attempts: told.data?.attempts.length ?? 0 };
    }
    const [terminated, timedOut] = BY_FORCE;
    return { outcome: cause instanceof TerminatedFailure ? terminated : timedOut, attempts: 0 };
  }
}

/**
 * The outcomes that a results file already holds, by workflow id.
 *
 * @throws KnownError where a new batch would write over a file, or one that is resumed would go on in a
 *   file that is none of ours.
 */
export function readResults(
  path: string | undefined,
  isResumed: boolean,
): ReadonlyMap<string, string> {
  if (path === undefined || !existsSync(path)) return new Map();
  if (!isResumed) {
    throw usage(
      `--out ${path} is there already, and is not written over`,
      '--resume, or another name',
    );
  }
  const text = wholeLines(read(path));
  if (text !== '' && !text.startsWith(`${COLUMNS}\n`)) {
    throw usage(`--out ${path} holds something else than results of a batch`, `head -1 ${path}`);
  }
  const [, ...records] = parse(text, { relax_column_count: true });
  return new Map(records.map(([, , workflowId = '', outcome = '']) => [workflowId, outcome]));
}

/** Each result is written at once and by itself: a kill at any moment loses none that was told. */
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
    add: (row, ending) => {
      const { line, key, workflowId } = row;
      printNext(format, { line, key, workflowId, ...ending }, toLine(row, ending));
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
    add: (row, ending) => void writeSync(file, `${toLine(row, ending)}\n`),
    close: () => closeSync(file),
  };
}

/** A machine that lost its power may have left half a line. */
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

/** Never the number, and no variable. */
function toLine({ line, key, workflowId }: BatchRow, ending: Ending): string {
  const { outcome, callId = '', attempts, learnedBy = '' } = ending;
  return [line, key, workflowId, outcome, callId, attempts, learnedBy].map(toCell).join(',');
}

function toCell(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function usage(problem: string, next: string, cause?: unknown): KnownError {
  const text = `TT3013  ${problem}. Nothing was started.\n        ${next}`;
  return new KnownError(text, EXIT.usage, { cause });
}
