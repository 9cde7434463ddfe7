import { setTimeout as sleep } from 'node:timers/promises';
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { OutboundCallInput } from '../../src/call/input';
import type { AttemptReport, CallResult } from '../../src/call/api-types';
import { WORKFLOW_TYPE } from '../../src/workflows/messages';
import { QUEUE } from './fleet';
import type { DrawnCall } from './draw-call';
import type { Ending } from './facts';
import { patiently } from './patience';

/** Longer than a number of any plan: nobody has it. */
export function numberOf(index: number): string {
  return `+1415555${100_000 + index}`;
}

/** What the caller asks for; instants are reckoned from now. */
export function toInput(drawn: DrawnCall, index: number, nowMs: number): OutboundCallInput {
  const { rest, call, notBeforeAfterMs, expiresAfterMs, isInvalid } = drawn;
  const iso = (afterMs: number) => new Date(nowMs + afterMs).toISOString();
  return {
    ...rest,
    call: { phone_number: isInvalid ? '14155550100' : numberOf(index), ...call },
    ...(notBeforeAfterMs !== undefined && { notBefore: iso(notBeforeAfterMs) }),
    ...(expiresAfterMs !== undefined && { expiresAt: iso(expiresAfterMs) }),
  };
}

/** Starts it, whoever else does so at the same time. @returns The run that was started or met. */
export function start(
  client: Client,
  workflowId: string,
  input: OutboundCallInput,
  workflowIdReusePolicy: 'REJECT_DUPLICATE' | 'ALLOW_DUPLICATE' = 'REJECT_DUPLICATE',
): Promise<string | undefined> {
  return patiently(async () => {
    try {
      const handle = await client.workflow.start(WORKFLOW_TYPE, {
        taskQueue: QUEUE,
        workflowId,
        args: [input],
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy,
      });
      return handle.firstExecutionRunId;
    } catch (error) {
      // The first try had come through, and the call has ended meanwhile.
      if (error instanceof WorkflowExecutionAlreadyStartedError) return undefined;
      throw error;
    }
  });
}

/** How the newest run of the id closes; a run that is reset meanwhile is followed to the next one. */
export async function closeOf(client: Client, workflowId: string): Promise<Ending> {
  const newest = client.workflow.getHandle(workflowId);
  for (;;) {
    const { runId } = await patiently(() => newest.describe(), Infinity);
    const how = await patiently(
      () => endOf(client.workflow.getHandle(workflowId, runId)),
      Infinity,
    );
    const after = await patiently(() => newest.describe(), Infinity);
    if (after.runId === runId && after.closeTime !== undefined) {
      return { runId, closedMs: after.closeTime.getTime(), ...how };
    }
    // The old run of a reset closes a moment before the new one is seen.
    await sleep(100);
  }
}

// --- internal ---

async function endOf(handle: WorkflowHandle): Promise<Pick<Ending, 'result' | 'failure'>> {
  try {
    const result = (await handle.result()) as CallResult;
    // Transcripts are long, and the judge reads none.
    const { call: _, ...told } = result;
    return { result: told };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    const type = cause instanceof ApplicationFailure ? (cause.type ?? 'untyped') : `${cause?.name}`;
    const [told] = cause instanceof ApplicationFailure ? (cause.details ?? []) : [];
    const { attempts = [] } = (told ?? {}) as { attempts?: readonly AttemptReport[] };
    return { failure: { type, message: cause?.message ?? '', attempts } };
  }
}
