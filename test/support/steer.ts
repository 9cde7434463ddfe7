import type { WorkflowHandle } from '@temporalio/client';
import type { CallEvent, CallView } from '../../src/call/api-types';
import { getCall } from '../../src/workflows/messages';
import { until } from './until';

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
