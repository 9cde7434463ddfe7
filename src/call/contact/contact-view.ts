import { readReference } from '../dial-request';
import type { Outcome } from '../outcome';
import { maskNumbers } from '../text/masking';
import { type Contact } from './contact';
import { isOptedOut } from './opt-outs';

/** Which attempt. It contains no phone number. */
export interface AttemptOfContact {
  /** `<namespace>/<workflowId>#<attempt>` */
  readonly reference: string;
  readonly workflowId?: string;
}

/** The request was sent between the two times, which are equal if the time is known. */
export interface DialOfContact extends AttemptOfContact {
  readonly sentFrom: string;
  readonly sentTo: string;
  /** When the attempt ended. Absent if its run did not report that. */
  readonly endedAt?: string;
  readonly outcome?: Outcome;
}

/** An attempt that is allowed to dial, or has dialed, and has not ended. */
export interface OpenDialOfContact extends AttemptOfContact {
  readonly sentFrom: string;
  readonly sentTo: string;
  /** When it counts as ended if its run does not report that. */
  readonly leaseEndsAt: string;
}

/** A run that waits for the end of another call to the person. */
export interface WaitingRunOfContact extends AttemptOfContact {
  readonly since: string;
}

export interface OptOutView {
  readonly at: string;
  readonly reason?: string;
  /** When the person opted in again. */
  readonly endedAt?: string;
  readonly endReason?: string;
}

/** What is known of one person. It contains no phone number. All times are ISO 8601 in UTC. */
export interface ContactView {
  readonly optedOut: boolean;
  /** Oldest first, like all lists. */
  readonly optOuts: readonly OptOutView[];
  /** The dials of the last 400 days. */
  readonly dials: readonly DialOfContact[];
  readonly open: readonly OpenDialOfContact[];
  readonly waiting: readonly WaitingRunOfContact[];
}

export function toContactView(contact: Contact): ContactView {
  const dials = [...contact.dials].sort((one, other) => one.fromMs - other.fromMs);
  return {
    optedOut: isOptedOut(contact),
    optOuts: contact.optOuts.map(({ atMs, reason, endedMs, endReason }) => ({
      at: toTime(atMs),
      ...(reason !== undefined && { reason }),
      ...(endedMs !== undefined && { endedAt: toTime(endedMs) }),
      ...(endReason !== undefined && { endReason }),
    })),
    dials: dials.map(({ reference, fromMs, toMs, endedMs, outcome }) => ({
      ...toAttempt(reference),
      sentFrom: toTime(fromMs),
      sentTo: toTime(toMs),
      ...(endedMs !== undefined && { endedAt: toTime(endedMs) }),
      ...(outcome !== undefined && { outcome }),
    })),
    open: contact.open.map(({ reference, fromMs, toMs, leaseEndMs }) => ({
      ...toAttempt(reference),
      sentFrom: toTime(fromMs),
      sentTo: toTime(toMs),
      leaseEndsAt: toTime(leaseEndMs),
    })),
    waiting: contact.waiting.map(({ reference, sinceMs }) => ({
      ...toAttempt(reference),
      since: toTime(sinceMs),
    })),
  };
}

// --- internal ---

/** Other programs choose workflow IDs, so that one can be a phone number. */
function toAttempt(reference: string): AttemptOfContact {
  const workflowId = readReference(reference)?.workflowId;
  return {
    reference: maskNumbers(reference),
    ...(workflowId !== undefined && { workflowId: maskNumbers(workflowId) }),
  };
}

function toTime(ms: number): string {
  return new Date(ms).toISOString();
}
