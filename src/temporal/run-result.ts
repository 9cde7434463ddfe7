import { WorkflowFailedError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { CallResult } from '../call/api-types';
import { callAborted, invalidInput, type AbortedBy, type CallFailure } from '../call/call-result';
import { WAITING_PHASES } from '../call/phase';
import { WORKFLOW_TYPE } from '../workflows/messages';
import { TRUEDY_PHASE } from '../workflows/search-attributes';
import { GRPC_STATUS, grpcCodeOf } from './grpc-status';

/** The deadline of one request. */
const REQUEST_LIMIT_MS = 10_000;

/** The newest run of a workflow ID, and how it ended. */
export type RunState =
  /** `isLive`: it may end at any time, because it does not wait for a redial, calling hours or the like. */
  | { readonly kind: 'open'; readonly isLive: boolean }
  | { readonly kind: 'completed'; readonly result: CallResult }
  /** Its own failure, `CallAborted`, or `InvalidInput` if the ID belongs to another kind of workflow. */
  | { readonly kind: 'failed'; readonly failure: CallFailure };

/** Reads the newest run of the workflow ID, with its result if it has closed. The server answers consistently. */
export async function readRun(client: Client, workflowId: string): Promise<RunState> {
  return client.withDeadline(Date.now() + REQUEST_LIMIT_MS, async () => {
    try {
      return await stateOf(client, workflowId);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      return failed(callAborted(workflowId, 'deleted'));
    }
  });
}

/** Waits for the newest run to close. @returns `false` if it is still open after `limitMs`. */
export async function closesWithin(
  client: Client,
  workflowId: string,
  limitMs: number,
): Promise<boolean> {
  try {
    const handle = client.workflow.getHandle(workflowId);
    // A deadline, because the connection of a worker ignores abort signals.
    await client.withDeadline(Date.now() + limitMs, () => handle.result());
    return true;
  } catch (error) {
    // A worker's connection reports a deadline that passes before the response as canceled.
    const code = grpcCodeOf(error);
    if (code === GRPC_STATUS.DEADLINE_EXCEEDED || code === GRPC_STATUS.CANCELLED) return false;
    if (error instanceof WorkflowFailedError || error instanceof WorkflowNotFoundError) return true;
    throw error;
  }
}

// --- internal ---

const ABORTED: ReadonlyMap<string, AbortedBy> = new Map([
  ['TERMINATED', 'terminated'],
  ['TIMED_OUT', 'timed out'],
  ['CANCELLED', 'canceled'],
]);

async function stateOf(client: Client, workflowId: string): Promise<RunState> {
  const { type, status, runId, typedSearchAttributes, raw } = await client.workflow
    .getHandle(workflowId)
    .describe();
  if (type !== WORKFLOW_TYPE) {
    const problem = `is the ID of a workflow of type ${type}: choose another key`;
    return failed(invalidInput('key', problem));
  }
  const how = ABORTED.get(status.name);
  if (how !== undefined) return failed(callAborted(workflowId, how));
  if (status.name === 'COMPLETED' || status.name === 'FAILED') {
    return resultOf(client, workflowId, runId);
  }
  const phase = typedSearchAttributes.get(TRUEDY_PHASE);
  const isLive =
    phase === undefined
      ? (raw.pendingActivities ?? []).length > 0
      : !WAITING_PHASES.some((waiting) => waiting === phase);
  return { kind: 'open', isLive };
}

async function resultOf(client: Client, workflowId: string, runId: string): Promise<RunState> {
  try {
    const result: CallResult = await client.workflow.getHandle(workflowId, runId).result();
    return { kind: 'completed', result };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const failure = applicationFailureOf(error.cause);
    if (failure === undefined) throw error;
    const { message, type, details } = failure;
    return failed({ message, type: type ?? 'Error', details: details ?? [], nonRetryable: true });
  }
}

function failed(failure: CallFailure): RunState {
  return { kind: 'failed', failure };
}

function applicationFailureOf(error: unknown): ApplicationFailure | undefined {
  if (error instanceof ApplicationFailure) return error;
  return error instanceof Error ? applicationFailureOf(error.cause) : undefined;
}
