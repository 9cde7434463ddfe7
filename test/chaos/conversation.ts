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
import type { RunEnd } from './facts';
import { withRetries } from './retries';

/** The number has too many digits for the numbering plan, so it is not assigned. */
export function numberOf(index: number): string {
  return `+1415555${100_000 + index}`;
}

/** The input of the caller, with instants relative to now. */
export function toInput(drawn: DrawnCall, index: number, nowMs: number): OutboundCallInput {
  const { rest, call, notBeforeAfterMs, expiresAfterMs, isInvalid } = drawn;
  const iso = (afterMs: number) => new Date(nowMs + afterMs).toISOString();
  return {
    ...rest,
    call: { phone_number: isInvalid ? '14155550100' : numberOf(drawn.person ?? index), ...call },
    ...(notBeforeAfterMs !== undefined && { notBefore: iso(notBeforeAfterMs) }),
    ...(expiresAfterMs !== undefined && { expiresAt: iso(expiresAfterMs) }),
  };
}

/** Starts the call, or joins the run that another start has created. @returns The id of the run. */
export function start(
  client: Client,
  workflowId: string,
  input: OutboundCallInput,
  workflowIdReusePolicy: 'REJECT_DUPLICATE' | 'ALLOW_DUPLICATE' = 'REJECT_DUPLICATE',
): Promise<string | undefined> {
  return withRetries(async () => {
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
      // The first try was successful, and the call has ended in the meantime.
      if (error instanceof WorkflowExecutionAlreadyStartedError) return undefined;
      throw error;
    }
  });
}

/** How the newest run of the id closes. If it is reset, follows the new run. */
export async function closeOf(client: Client, workflowId: string): Promise<RunEnd> {
  const newest = client.workflow.getHandle(workflowId);
  for (;;) {
    const { runId } = await withRetries(() => newest.describe(), Infinity);
    const how = await withRetries(
      () => endOf(client.workflow.getHandle(workflowId, runId)),
      Infinity,
    );
    const after = await withRetries(() => newest.describe(), Infinity);
    if (after.runId === runId && after.closeTime !== undefined) {
      return { runId, closedMs: after.closeTime.getTime(), ...how };
    }
    // The old run of a reset closes shortly before the new one is visible.
    await sleep(100);
  }
}

// --- internal ---

async function endOf(handle: WorkflowHandle): Promise<Pick<RunEnd, 'result' | 'failure'>> {
  try {
    const result = (await handle.result()) as CallResult;
    // Transcripts are long, and the judge does not use them.
    const { call: _, ...rest } = result;
    return { result: rest };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    const type = cause instanceof ApplicationFailure ? (cause.type ?? 'untyped') : `${cause?.name}`;
    const [details] = cause instanceof ApplicationFailure ? (cause.details ?? []) : [];
    const { attempts = [] } = (details ?? {}) as { attempts?: readonly AttemptReport[] };
    return { failure: { type, message: cause?.message ?? '', attempts } };
  }
}
