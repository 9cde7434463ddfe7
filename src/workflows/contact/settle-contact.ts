import { log, workflowInfo } from '@temporalio/workflow';
import { toReference } from '../../call/dial-request';
import type { Attempt } from '../../call/attempt';
import { contactActivities } from '../activity-proxies';
import type { CallState } from '../call-state';
import { currentMs } from '../clock';

/**
 * Reports that the current attempt has ended, if it asked the contact workflow: a dial counts, anything else is given
 * back. It does nothing without contact limits.
 *
 * A local activity, because a signal from workflow code is lost if the run closes before the server has it. If it fails,
 * the reservation ends with its lease.
 */
export async function settleContact(call: CallState): Promise<void> {
  const { plan, attempt } = call;
  if (!call.contact.close() || plan === undefined) return;
  const { namespace, workflowId } = workflowInfo();
  const reference = toReference({ namespace, workflowId, attempt: attempt.number });
  const summary = 'Report the end of the attempt to its contact';
  const nowMs = currentMs();
  const { outcome, placedAtMs = attempt.doubt?.latestMs ?? nowMs } = attempt;
  const ended =
    outcome !== undefined && wasDialed(attempt)
      ? { reference, dialed: true as const, outcome, placedMs: placedAtMs, endedMs: nowMs }
      : { reference };
  try {
    const { settleContact: settle } = contactActivities();
    await settle.executeWithOptions({ summary }, [plan.call.phone_number, ended]);
  } catch {
    log.warn('Could not report the end of the attempt: its reservation ends with the lease', {
      attempt: attempt.number,
    });
  }
}

// --- internal ---

/** Counts if that is uncertain. An operator can report that an unclear attempt was not dialed. */
function wasDialed({ learnedBy, rangPhone }: Attempt): boolean {
  return !(learnedBy === 'resolve' && rangPhone === false);
}
