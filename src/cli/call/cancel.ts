import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import { LIVE_PHASES } from '../../call/phase';
import { KnownError } from '../../runtime/process';
import type { CommonFlags } from '../shared/flags';
import { EXIT } from '../shared/exit-codes';
import { queryOf } from './visibility-filter';
import { withQueryErrors } from './list';
import { note, printError, printNext } from '../shared/output';
import { resultOf } from './result';
import { handleOf, notOpen, withTemporal } from '../shared/connect';
import type { Temporal } from '../../temporal/client';
import { UnansweredError } from '../shared/temporal-errors';
import { readView } from './watch';
import { usageError } from '../shared/usage-error';

const DEFAULT_RPS = 10;
const STATUS_TIMEOUT_MS = 5_000;
const POLL_INTERVAL_MS = 200;

/** What a cancellation has led to within a few seconds. */
type CancelStatus = 'prevented' | 'continues' | 'too_late' | 'unknown' | 'asked';

const MEANINGS: Readonly<Record<CancelStatus, string>> = {
  prevented: 'no further attempt is made',
  continues: 'the call is live and runs to completion: Truedy cannot hang up',
  too_late: 'the call had already ended',
  unknown: 'the phone may have rung: whether it did is still being checked',
  asked: 'no worker has processed the cancellation yet: it will be processed once one starts',
};

interface CancelFlags extends CommonFlags {
  readonly query?: string;
  readonly reason?: string;
  readonly rps?: number;
  readonly yes?: boolean;
}

/**
 * Cancels calls one after the other and prints the status of each.
 *
 * @returns 0, or the exit code of the last call that could not be canceled. The others are canceled anyway.
 */
export async function cancel(ids: readonly string[], flags: CancelFlags): Promise<number> {
  if ((ids.length === 0) === (flags.query === undefined)) {
    throw usageError(
      'TT3002  cancel needs either IDs or --query.',
      'temporal truedy cancel order-4711',
    );
  }
  return withTemporal(flags, async (temporal) => {
    const all = flags.query === undefined ? ids : await openCalls(temporal, flags.query);
    if (flags.query !== undefined && !flags.yes) {
      throw usageError(
        `TT3002  ${all.length} open calls match. Confirm with --yes. Nothing was canceled.`,
        `temporal truedy list --query "${flags.query}"`,
      );
    }
    let exit: number = EXIT.done;
    for (const [index, id] of all.entries()) {
      if (index > 0) await sleep(1_000 / (flags.rps ?? DEFAULT_RPS));
      try {
        const handle = await handleOf(temporal, id);
        await requestCancel(temporal, handle, flags.reason);
        const status = await waitForStatus(temporal, handle);
        const { workflowId } = handle;
        printNext(flags.output, { workflowId, cancellation: status }, `${workflowId}  ${status}`);
        note(`${workflowId}: ${MEANINGS[status]}.`);
      } catch (error) {
        // A call that has just ended must not prevent the others from being canceled.
        if (!(error instanceof KnownError) || all.length === 1) throw error;
        exit = printError(flags.output, error);
      }
    }
    return exit;
  });
}

// --- internal ---

async function openCalls({ client, namespace }: Temporal, query: string): Promise<string[]> {
  const ids: string[] = [];
  const open = queryOf({ query: `(${query}) AND ExecutionStatus = 'Running'` }, Date.now());
  const read = async () => {
    for await (const { workflowId } of client.workflow.list({ query: open })) ids.push(workflowId);
    return ids;
  };
  return withQueryErrors(namespace, read());
}

/** Records a reason in the history. `handle.cancel` does not accept one. */
async function requestCancel(
  temporal: Temporal,
  handle: WorkflowHandle,
  reason = '',
): Promise<void> {
  const { client, connection, namespace } = temporal;
  try {
    const { status } = await handle.describe();
    if (status.name !== 'RUNNING') throw notOpen(handle.workflowId);
  } catch (error) {
    throw error instanceof WorkflowNotFoundError ? notOpen(handle.workflowId) : error;
  }
  await connection.workflowService.requestCancelWorkflowExecution({
    namespace,
    identity: client.options.identity,
    requestId: randomUUID(),
    workflowExecution: { workflowId: handle.workflowId },
    reason,
  });
}

async function waitForStatus(temporal: Temporal, handle: WorkflowHandle): Promise<CancelStatus> {
  const endMs = Date.now() + STATUS_TIMEOUT_MS;
  for (;;) {
    try {
      const { phase } = await readView(temporal, handle);
      if (phase === 'ended') {
        const { cancellation = 'too_late' } = await resultOf(handle);
        return cancellation;
      }
      if (LIVE_PHASES.includes(phase)) return 'continues';
      // A request that is still queued is withdrawn; one that was sent is waited for.
      if (phase === 'unclear' || Date.now() >= endMs) return 'unknown';
    } catch (error) {
      if (error instanceof UnansweredError) return 'asked';
      throw error;
    }
    await sleep(POLL_INTERVAL_MS);
  }
}
