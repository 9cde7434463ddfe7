import {
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  type WorkflowHandle,
} from '@temporalio/client';
import { instantMs } from '../../call/text/instant';
import type { CallView, Reschedule } from '../../call/api-types';
import { KnownError } from '../../runtime/process';
import { redialNow, reschedule, resolve, stop } from '../../workflows/messages';
import type { CommonFlags } from '../shared/flags';
import { EXIT } from '../shared/exit-codes';
import { print } from '../shared/output';
import { ask, handleOf, notOpen, withTemporal } from '../shared/connect';
import { untilHeard } from '../shared/until-heard';
import { toText } from './watch';

/** What a person asks for, with the flags of its verb. */
export type Wish =
  | { readonly step: 'redialNow' }
  | { readonly step: 'reschedule'; readonly notBefore?: string; readonly expiresAt?: string }
  | { readonly step: 'stop'; readonly reason?: string }
  | {
      readonly step: 'resolve';
      readonly dialled?: boolean;
      readonly callId?: string;
      readonly reason?: string;
    };

/** Sends one update and tells where the call stands after it. */
export async function steer(id: string, wish: Wish, flags: CommonFlags): Promise<number> {
  if (wish.step === 'reschedule') checkInstants(wish, id);
  return withTemporal(flags, async (temporal) => {
    const handle = await handleOf(temporal, id);
    const view = await ask(temporal, handle, () => update(handle, wish, id));
    print(flags.output, view, toText(view, flags.timeFormat));
    return EXIT.done;
  });
}

// --- internal ---

/** As the run itself refuses them; a worker of an earlier release would take 31 February for 3 March. */
function checkInstants({ notBefore, expiresAt }: Reschedule, id: string): void {
  const faults = Object.entries({ notBefore, expiresAt })
    .filter(([, text]) => text !== undefined && instantMs(text) === undefined)
    .map(([name]) => `${name} is not ISO 8601 with an offset`);
  if (faults.length > 0) throw refused(`InvalidInput: ${faults.join('; ')}`, id);
}

function refused(why: string, id: string): KnownError {
  return new KnownError(`TT5011  ${why}\n        temporal truedy describe ${id}`, EXIT.usage);
}

async function update(handle: WorkflowHandle, wish: Wish, id: string): Promise<CallView> {
  try {
    return await untilHeard(() => send(handle, wish));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw notOpen(id);
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    throw refused(error.cause?.message ?? error.message, id);
  }
}

function send(handle: WorkflowHandle, wish: Wish): Promise<CallView> {
  switch (wish.step) {
    case 'redialNow':
      return handle.executeUpdate(redialNow);
    case 'reschedule': {
      const { step: _, ...to } = wish;
      return handle.executeUpdate(reschedule, { args: [to] });
    }
    case 'stop': {
      const { step: _, ...why } = wish;
      return handle.executeUpdate(stop, { args: [why] });
    }
    case 'resolve': {
      const { dialled = wish.callId !== undefined, callId = '', reason } = wish;
      const said = reason === undefined ? {} : { reason };
      const known = dialled ? { dialled, callId, ...said } : { dialled, ...said };
      return handle.executeUpdate(resolve, { args: [known] });
    }
  }
}
