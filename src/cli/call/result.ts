import {
  WorkflowFailedError,
  WorkflowNotFoundError,
  type WorkflowHandle,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { FLAGS, type AttemptReport, type CallResult } from '../../call/api-types';
import { toKey } from '../../call/input';
import { KnownError } from '../../runtime/process';
import type { CommonFlags } from '../shared/flags';
import { EXIT, exitCodeFor } from '../shared/exit-codes';
import { interruptible } from '../shared/interruptible';
import { note, print } from '../shared/output';
import { usageError } from '../shared/usage-error';
import { handleOf, notFound, withTemporal } from '../shared/connect';
import { transcriptLines } from './transcript';

type ResultFlags = CommonFlags & {
  /** Also print the transcript as text. JSON always contains it. */
  readonly transcript?: boolean;
};

/** After this long, say that the command is waiting and not stuck. */
const NOTE_AFTER_MS = 1_000;

/** Waits for a call to end and prints its result. */
export async function result(id: string, flags: ResultFlags): Promise<number> {
  return withTemporal(flags, async (temporal) => {
    const handle = await handleOf(temporal, id);
    return interruptible(id, () => printResult(flags, handle));
  });
}

/** Prints the result of a run. @returns The exit code of its outcome. */
export async function printResult(flags: ResultFlags, handle: WorkflowHandle): Promise<number> {
  const { workflowId } = handle;
  const timer = setTimeout(() => {
    note(`Waiting for ${workflowId} to end. Ctrl-C does not affect the call.`);
  }, NOTE_AFTER_MS);
  const ended = await resultOf(handle).finally(() => clearTimeout(timer));
  const rang = ended.attempts.filter(({ rangPhone }) => rangPhone).length;
  const reason = ended.reason === undefined ? '' : ` (${ended.reason})`;
  const call = ended.callId === undefined ? '' : `, call ${ended.callId}`;
  const tried = counted(ended.attempts.length, 'attempt');
  const rings = rang === 0 ? 'phone did not ring' : `phone rang ${counted(rang, 'time')}`;
  const transcript = flags.transcript ? transcriptLines(ended.call?.transcript) : [];
  print(
    flags.output,
    ended,
    [`${ended.outcome}${reason}${call}, ${tried}, ${rings}`, ...transcript].join('\n'),
  );
  for (const line of ended.attempts.flatMap(flagLines)) note(line);
  if (ended.outcome === 'unknown') note(unknownText(handle.workflowId));
  return exitCodeFor(ended.outcome);
}

/** Waits for a run's result. @throws KnownError if it failed, was terminated or does not exist. */
export async function resultOf(handle: WorkflowHandle): Promise<CallResult> {
  try {
    return await handle.result();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw notFound(handle.workflowId);
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    if (!(cause instanceof ApplicationFailure)) throw abortedError(handle.workflowId);
    throw failedError(cause);
  }
}

/** One line per flag of an attempt: why a person should check it. */
export function flagLines({ number, flags = [] }: AttemptReport): readonly string[] {
  return flags.map((flag) => `  check attempt ${number} (${flag}): ${FLAGS[flag]}`);
}

// --- internal ---

function failedError({ message, type }: ApplicationFailure): KnownError {
  const keeps = 'After fixing this, start it again with a new key: this key keeps its result.';
  return type === 'InvalidInput'
    ? usageError(`TT3001  ${message}`, keeps, 'temporal truedy start --input call.json --dry-run')
    : new KnownError(
        `TT5003  ${message}\n        ${keeps}\n        temporal truedy doctor`,
        EXIT.refused,
      );
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function unknownText(workflowId: string): string {
  return (
    `TT5007  The outcome of ${workflowId} is unknown: Truedy may have dialed.\n` +
    '        The call is deliberately not repeated. docs/unknown.md explains how to check it.\n' +
    `        temporal truedy describe ${toKey(workflowId)}`
  );
}

function abortedError(workflowId: string): KnownError {
  return new KnownError(
    `TT5008  ${workflowId} was terminated or timed out. The phone may have rung.\n` +
      `        temporal workflow describe --workflow-id ${workflowId}`,
    EXIT.unknown,
  );
}
