import {
  WorkflowFailedError,
  WorkflowNotFoundError,
  type WorkflowHandle,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { CallResult } from '../call/messages';
import { KnownError } from '../process';
import type { CommonFlags } from './common-flags';
import { EXIT, exitOf } from './exits';
import { interruptible } from './interruptible';
import { remark, tell, type OutputFormat } from './output';
import { handleOf, notFound, withTemporal } from './temporal';

/** Whoever waits for longer should know that it is no fault. */
const NOTE_AFTER_MS = 1_000;

/** Waits for a call's end and tells its result. */
export async function result(id: string, flags: CommonFlags): Promise<number> {
  return withTemporal(flags, ({ client }) =>
    interruptible(id, () => tellResult(flags.output, handleOf(client, id))),
  );
}

/** Tells how a run ended; the exit is that of its outcome. */
export async function tellResult(format: OutputFormat, handle: WorkflowHandle): Promise<number> {
  const { workflowId } = handle;
  const note = setTimeout(() => {
    remark(`Waiting for ${workflowId} to end; Ctrl-C leaves it alone.`);
  }, NOTE_AFTER_MS);
  const ended = await resultOf(handle).finally(() => clearTimeout(note));
  const rang = ended.attempts.filter(({ rangPhone }) => rangPhone).length;
  const call = ended.callId === undefined ? '' : `, call ${ended.callId}`;
  const tried = counted(ended.attempts.length, 'attempt');
  const phones = rang === 0 ? 'no phone rang' : `rang ${counted(rang, 'time')}`;
  tell(format, ended, `${ended.outcome}${call}, ${tried}, ${phones}`);
  return exitOf(ended.outcome);
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
    const isInput = cause.type === 'InvalidInput';
    throw new KnownError(
      `${isInput ? 'TT3001' : 'TT5003'}  ${cause.message}\n` +
        '        After the repair start it again with a new key: this one keeps its result.',
      isInput ? EXIT.usage : EXIT.refused,
    );
  }
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function endedByForce(workflowId: string): KnownError {
  return new KnownError(
    `TT5008  ${workflowId} was terminated or timed out: a phone may have rung.\n` +
      `        temporal workflow describe --workflow-id ${workflowId}`,
    EXIT.unknown,
  );
}
