import { log, workflowInfo } from '@temporalio/workflow';
import { toReference } from '../../call/dial-request';
import type { Attempt } from '../../call/attempt';
import type { CallOptOut, Confirmation, Release } from '../../call/contact/settle';
import { conditionsBackOffMs, optOutReportMs } from '../../call/timing';
import { contactActivities } from '../activity-proxies';
import type { CallState, PlannedCall } from '../call-state';
import { currentMs, waitUntil } from '../clock';
import { countLostReport } from './contact-metrics';

/**
 * Reports that the current attempt has ended, if it asked the contact workflow: a dial counts, anything else is given
 * back. Also reports an opt-out that a call of this run ended with. It does nothing without contact limits.
 *
 * A local activity, because a signal from workflow code is lost if the run closes before the server has it.
 */
export async function settleContact(call: CallState): Promise<void> {
  if (!hasContact(call)) return;
  // Once more if a delivery shows an opt-out during the report.
  for (let end = endOf(call); end !== undefined; end = endOf(call)) await report(call, end);
}

// --- internal ---

function hasContact(call: CallState): call is PlannedCall {
  return call.plan?.contacts === true;
}

/** What the contact does not know yet; `undefined` if it knows everything. */
function endOf(call: CallState): Release | Confirmation | undefined {
  const { attempt } = call;
  const nowMs = currentMs();
  const isOpen = call.contact.close();
  const optOut = optOutOf(call, nowMs);
  const reference = referenceOf(attempt);
  if (!isOpen) return optOut && { reference, optOut };
  const { outcome, placedAtMs = attempt.doubt?.latestMs ?? nowMs } = attempt;
  return {
    reference,
    ...(outcome !== undefined &&
      wasDialed(attempt) && { dialed: true, outcome, placedMs: placedAtMs, endedMs: nowMs }),
    ...(optOut && { optOut }),
  };
}

function optOutOf({ attempts, contact }: CallState, nowMs: number): CallOptOut | undefined {
  const by = attempts.find(({ flags }) => flags.includes('opted_out'));
  if (by === undefined || !contact.reportOptOut()) return undefined;
  return { reference: referenceOf(by), atMs: nowMs };
}

function referenceOf({ number }: Attempt): string {
  const { namespace, workflowId } = workflowInfo();
  return toReference({ namespace, workflowId, attempt: number });
}

/**
 * If the report fails, the reservation ends with its lease. An opt-out would be lost, so its report is repeated, which
 * keeps the run open for up to an hour.
 */
async function report(call: PlannedCall, end: Release | Confirmation): Promise<void> {
  const { call: body, timeScale } = call.plan;
  const kind = end.optOut === undefined ? 'end' : 'opt_out';
  const giveUpMs = currentMs() + (kind === 'end' ? 0 : optOutReportMs(timeScale));
  const summary = 'Report the end of the attempt to its contact';
  for (let tries = 1; ; tries += 1) {
    try {
      const { settleContact: settle } = contactActivities();
      return await settle.executeWithOptions({ summary }, [body.phone_number, end]);
    } catch {
      log.warn('Could not report the end of an attempt to its contact', { report: kind });
      if (currentMs() >= giveUpMs) return countLostReport(kind);
    }
    const nextAtMs = currentMs() + conditionsBackOffMs(tries, timeScale);
    const because = 'The person opted out on the call, which could not be recorded yet.';
    call.enterPhase(call.phase, { because, nextAtMs });
    await waitUntil(nextAtMs, () => false, 'Report the opt-out again');
  }
}

/** Counts if that is uncertain. An operator can report that an unclear attempt was not dialed. */
function wasDialed({ learnedBy, rangPhone }: Attempt): boolean {
  return !(learnedBy === 'resolve' && rangPhone === false);
}
