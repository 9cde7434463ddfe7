import {
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  type WorkflowHandle,
} from '@temporalio/client';
import { instantMs } from '../../call/text/instant';
import type { CallView, Reschedule } from '../../call/api-types';
import type { KnownError } from '../../runtime/process';
import { redialNow, reschedule, resolve, stop } from '../../workflows/messages';
import type { CommonFlags } from '../shared/flags';
import { EXIT } from '../shared/exit-codes';
import { print } from '../shared/output';
import { ask, handleOf, notOpen, withTemporal } from '../shared/connect';
import { sendUntilReceived } from '../shared/send-until-received';
import { toText } from './watch';
import { usageError } from '../shared/usage-error';

/** An update and its arguments. */
export type UpdateRequest =
  | { readonly update: 'redialNow' }
  | { readonly update: 'reschedule'; readonly notBefore?: string; readonly expiresAt?: string }
  | { readonly update: 'stop'; readonly reason?: string }
  | {
      readonly update: 'resolve';
      readonly dialled?: boolean;
      readonly callId?: string;
      readonly reason?: string;
    };

/** Sends one update and prints the state of the call after it. */
export async function sendUpdate(
  id: string,
  request: UpdateRequest,
  flags: CommonFlags,
): Promise<number> {
  if (request.update === 'reschedule') checkTimes(request, id);
  return withTemporal(flags, async (temporal) => {
    const handle = await handleOf(temporal, id);
    const view = await ask(temporal, handle, () => execute(handle, request, id));
    print(flags.output, view, toText(view, flags.timeFormat));
    return EXIT.done;
  });
}

// --- internal ---

/** The workflow checks them too, but a worker of an earlier release reads 31 February as 3 March. */
function checkTimes({ notBefore, expiresAt }: Reschedule, id: string): void {
  const problems = Object.entries({ notBefore, expiresAt })
    .filter(([, text]) => text !== undefined && instantMs(text) === undefined)
    .map(([name]) => `${name} is not ISO 8601 with an offset`);
  if (problems.length > 0) throw refused(`InvalidInput: ${problems.join('; ')}`, id);
}

function refused(reason: string, id: string): KnownError {
  return usageError(`TT5011  ${reason}`, `temporal truedy describe ${id}`);
}

async function execute(
  handle: WorkflowHandle,
  request: UpdateRequest,
  id: string,
): Promise<CallView> {
  try {
    return await sendUntilReceived(() => send(handle, request));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw notOpen(id);
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    throw refused(error.cause?.message ?? error.message, id);
  }
}

function send(handle: WorkflowHandle, request: UpdateRequest): Promise<CallView> {
  switch (request.update) {
    case 'redialNow':
      return handle.executeUpdate(redialNow);
    case 'reschedule': {
      const { update: _, ...times } = request;
      return handle.executeUpdate(reschedule, { args: [times] });
    }
    case 'stop': {
      const { update: _, ...options } = request;
      return handle.executeUpdate(stop, { args: [options] });
    }
    case 'resolve': {
      const { callId = '', dialled = request.callId !== undefined, reason } = request;
      const call = dialled ? { dialled, callId } : { dialled };
      return handle.executeUpdate(resolve, {
        args: [{ ...call, ...(reason !== undefined && { reason }) }],
      });
    }
  }
}
