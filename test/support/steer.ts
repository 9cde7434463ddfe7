import type { WorkflowHandle } from '@temporalio/client';
import type { CallEvent, CallView } from '../../src/call/api-types';
import { getCall } from '../../src/workflows/messages';
import { until } from './until';

/** Waits until the run is in one of the phases, and returns its state then. */
export function inPhase(handle: WorkflowHandle, ...phases: string[]): Promise<CallView> {
  return until(async () => {
    const view = await handle.query(getCall).catch(() => undefined);
    return view !== undefined && phases.includes(view.phase) && view;
  });
}

/** Signals a delivery about attempt 1, as the bridge does; each test names what matters of it. */
export function deliver(handle: WorkflowHandle, told: Partial<CallEvent>): Promise<void> {
  const event: CallEvent = { event: 'call.ended', attempt: 1, ids: [], receivedAt: '', ...told };
  return handle.signal('callEvent', event);
}
