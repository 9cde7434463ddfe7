import type { WorkflowHandle } from '@temporalio/client';
import type { CallEvent, CallView } from '../../src/call/api-types';
import { getCall } from '../../src/workflows/messages';
import type { Rig } from './rig';
import { until } from './until';

/** A call whose end `hangUp` decides, and of which only the end is delivered. */
export const UNTIL_HANG_UP = {
  phone: 'stuck_in_progress',
  webhooks: { events: ['call.ended'] },
};

/** Waits until the run is in one of the phases, and returns its state. */
export function inPhase(handle: WorkflowHandle, ...phases: string[]): Promise<CallView> {
  return until(async () => {
    const view = await handle.query(getCall).catch(() => undefined);
    return view !== undefined && phases.includes(view.phase) && view;
  });
}

/** Signals a delivery about attempt 1, as the bridge does, with the fields of a test. */
export function deliver(handle: WorkflowHandle, fields: Partial<CallEvent>): Promise<void> {
  const event: CallEvent = { event: 'call.ended', attempt: 1, ids: [], receivedAt: '', ...fields };
  return handle.signal('callEvent', event);
}

/** Of a run that waits for a delivery so long that even on a machine that stalls it does not poll first. */
export const PATIENT = { completion: { grace: '1h' } };

/**
 * Ends a call that was placed as `UNTIL_HANG_UP`: after 42 s of talk, or as a test says.
 * Waits first until the run has the response to its request: on a busy machine a delivery overtakes it.
 */
export async function hangUp(
  rig: Rig,
  handle: WorkflowHandle,
  ending: object = { outcome: 'answered', duration_seconds: 42 },
): Promise<void> {
  const callId = await until(async () => {
    const view = await handle.query(getCall).catch(() => undefined);
    return view?.callId;
  });
  await until(async () => (await rig.phoneOf(callId)) === 'in-progress');
  await rig.control(`calls/${callId}/end`, ending);
}
