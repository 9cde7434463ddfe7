import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import type { Phase } from '../../call/api-types';
import { KnownError } from '../../runtime/process';
import type { CommonFlags } from '../shared/flags';
import { EXIT } from '../shared/exit-codes';
import { queryOf } from './visibility-filter';
import { answered } from './list';
import { note, printError, printNext } from '../shared/output';
import { resultOf } from './result';
import { handleOf, notOpen, withTemporal } from '../shared/connect';
import type { Temporal } from '../../temporal/client';
import { UnansweredError } from '../shared/temporal-errors';
import { look } from './watch';

const DEFAULT_RPS = 10;
const LOOK_LIMIT_MS = 5_000;
const LOOK_EVERY_MS = 200;
const LIVE: readonly Phase[] = ['queued', 'ringing', 'in_progress'];

/** What became of an asked-for cancellation, as far as it is known within seconds. */
type Answer = 'prevented' | 'continues' | 'too_late' | 'unknown' | 'asked';

const MEANINGS: Readonly<Record<Answer, string>> = {
  prevented: 'no further phone rings',
  continues: 'a live call cannot be hung up: it is followed to its end',
  too_late: 'it had ended by itself',
  unknown: 'a phone may have rung: it is being settled',
  asked: 'no worker has answered yet: it is taken up when one does',
};

interface CancelFlags extends CommonFlags {
  readonly query?: string;
  readonly reason?: string;
  readonly rps?: number;
  readonly yes?: boolean;
}

/**
 * Asks Temporal to cancel calls, one after the other, and tells what became of each.
 *
 * @returns 0, or that of the last call that could not be cancelled; the others are cancelled all the same.
 */
export async function cancel(ids: readonly string[], flags: CancelFlags): Promise<number> {
  if ((ids.length === 0) === (flags.query === undefined)) {
    throw usage('cancel takes ids or --query, and not both', 'temporal truedy cancel order-4711');
  }
  return withTemporal(flags, async (temporal) => {
    const all = flags.query === undefined ? ids : await openCalls(temporal, flags.query);
    if (flags.query !== undefined && !flags.yes) {
      throw usage(
        `${all.length} open calls match; nothing was cancelled without --yes`,
        `temporal truedy list --query "${flags.query}"`,
      );
    }
    let exit: number = EXIT.done;
    for (const [place, id] of all.entries()) {
      if (place > 0) await sleep(1_000 / (flags.rps ?? DEFAULT_RPS));
      try {
        const handle = await handleOf(temporal, id);
        await request(temporal, handle, flags.reason);
        const answer = await answerOf(temporal, handle);
        const { workflowId } = handle;
        printNext(flags.output, { workflowId, cancellation: answer }, `${workflowId}  ${answer}`);
        note(`${workflowId}: ${MEANINGS[answer]}.`);
      } catch (error) {
        // Of many, one that has just ended keeps no other from being cancelled.
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
  return answered(namespace, read());
}

/** The client's own `cancel` takes no reason, which whoever reads the history will look for. */
async function request(temporal: Temporal, handle: WorkflowHandle, reason = ''): Promise<void> {
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

async function answerOf(temporal: Temporal, handle: WorkflowHandle): Promise<Answer> {
  const endMs = Date.now() + LOOK_LIMIT_MS;
  for (;;) {
    try {
      const { phase } = await look(temporal, handle);
      if (phase === 'ended') {
        const { cancellation = 'too_late' } = await resultOf(handle);
        return cancellation;
      }
      if (LIVE.includes(phase)) return 'continues';
      // A dial that waits in its queue is being withdrawn; one that is out is awaited.
      if (phase === 'unclear' || Date.now() >= endMs) return 'unknown';
    } catch (error) {
      if (error instanceof UnansweredError) return 'asked';
      throw error;
    }
    await sleep(LOOK_EVERY_MS);
  }
}

function usage(problem: string, next: string): KnownError {
  return new KnownError(`TT3002  ${problem}.\n        ${next}`, EXIT.usage);
}
