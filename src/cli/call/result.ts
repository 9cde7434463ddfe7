import {
  WorkflowFailedError,
  WorkflowNotFoundError,
  type WorkflowHandle,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { CallResult } from '../../call/api-types';
import { KnownError } from '../../runtime/process';
import type { CommonFlags } from '../shared/flags';
import { EXIT, exitCodeFor } from '../shared/exit-codes';
import { flagLines } from './flag-lines';
import { interruptible } from '../shared/interruptible';
import { note, print } from '../shared/output';
import { handleOf, notFound, withTemporal } from '../shared/connect';
import { transcriptLines } from './transcript';

type ResultFlags = CommonFlags & {
  /** Whether people are told what was said, too. JSON holds it anyway. */
  readonly transcript?: boolean;
};

/** Whoever waits for longer should know that it is no fault. */
const NOTE_AFTER_MS = 1_000;

/** Waits for a call's end and tells its result. */
export async function result(id: string, flags: ResultFlags): Promise<number> {
  return withTemporal(flags, async (temporal) => {
    const handle = await handleOf(temporal, id);
    return interruptible(id, () => tellResult(flags, handle));
  });
}

/** Tells how a run ended; the exit is that of its outcome. */
export async function tellResult(flags: ResultFlags, handle: WorkflowHandle): Promise<number> {
  const { workflowId } = handle;
  const timer = setTimeout(() => {
    note(`Waiting for ${workflowId} to end; Ctrl-C leaves it alone.`);
  }, NOTE_AFTER_MS);
  const ended = await resultOf(handle).finally(() => clearTimeout(timer));
  const rang = ended.attempts.filter(({ rangPhone }) => rangPhone).length;
  const call = ended.callId === undefined ? '' : `, call ${ended.callId}`;
  const tried = counted(ended.attempts.length, 'attempt');
  const phones = rang === 0 ? 'no phone rang' : `rang ${counted(rang, 'time')}`;
  const said = flags.transcript ? transcriptLines(ended.call?.transcript) : [];
  print(flags.output, ended, [`${ended.outcome}${call}, ${tried}, ${phones}`, ...said].join('\n'));
  for (const line of ended.attempts.flatMap(flagLines)) note(line);
  if (ended.outcome === 'unknown') note(unknownText(handle.workflowId));
  return exitCodeFor(ended.outcome);
}

/** How a run ended, once it has. @throws KnownError for a run that failed, was terminated, or is not there. */
export async function resultOf(handle: WorkflowHandle): Promise<CallResult> {
  try {
    return await handle.result();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw notFound(handle.workflowId);
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    if (!(cause instanceof ApplicationFailure)) throw endedByForce(handle.workflowId);
    throw failed(cause);
  }
}

// --- internal ---

function failed({ message, type }: ApplicationFailure): KnownError {
  const keeps =
    '        After the repair start it again with a new key: this one keeps its result.\n';
  return type === 'InvalidInput'
    ? new KnownError(
        `TT3001  ${message}\n${keeps}        temporal truedy start --input call.json --dry-run`,
        EXIT.usage,
      )
    : new KnownError(`TT5003  ${message}\n${keeps}        temporal truedy doctor`, EXIT.refused);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function unknownText(workflowId: string): string {
  return (
    `TT5007  Outcome unknown for ${workflowId}: Truedy may have dialled, and nobody can tell.\n` +
    '        Not repeated, on purpose: docs/unknown.md says how to look.\n' +
    `        temporal truedy describe ${workflowId.replace(/^call\//, '')}`
  );
}

function endedByForce(workflowId: string): KnownError {
  return new KnownError(
    `TT5008  ${workflowId} was terminated or timed out: a phone may have rung.\n` +
      `        temporal workflow describe --workflow-id ${workflowId}`,
    EXIT.unknown,
  );
}
