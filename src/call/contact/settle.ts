import { maskForeignNumbers } from '../text/masking';
import type { Outcome } from '../outcome';
import { fieldsOf } from '../untrusted-values';
import { toDial, type Contact, type PastDial, type Reservation, type WaitingRun } from './contact';
import { optOut } from './opt-outs';

/** An opt-out that a call ended with. */
export interface CallOptOut {
  /** The reference of the call's attempt. */
  readonly reference: string;
  /** When the run first reported it. The same in a repeated report. */
  readonly atMs: number;
}

/** Which attempt ended without a dial. `sendByMs`: only the reservation by that question. */
export interface Release {
  readonly reference: string;
  readonly sendByMs?: number;
  /** Of this attempt's call, or of an earlier one. */
  readonly optOut?: CallOptOut;
}

/** Gives a reservation back. It does not count, so that another run may dial instead. Also ends the wait of its run. */
export function release(contact: Contact, released: Release): Contact {
  const without = withoutAttempt(contact, released);
  const isFreed = without.open.length < contact.open.length;
  return isFreed ? { ...without, waiting: withNextFreed(without.waiting) } : without;
}

/** Removes a reservation, and the wait of its run. */
export function withoutAttempt(contact: Contact, { reference, sendByMs }: Release): Contact {
  const isIt = (one: Reservation) =>
    one.reference === reference && (sendByMs === undefined || one.toMs === sendByMs);
  const open = contact.open.filter((one) => !isIt(one));
  return { ...contact, open, waiting: withoutWaiting(contact, reference) };
}

/** Removes a run that does not exist any more from those that wait. */
export function stopWaiting(contact: Contact, reference: string): Contact {
  return { ...contact, waiting: withoutWaiting(contact, reference) };
}

/** Which attempt dialed, or may have dialed, and has ended. */
export interface Confirmation {
  readonly reference: string;
  readonly dialed: true;
  readonly outcome: Outcome;
  /** When it was sent, as far as is known. */
  readonly placedMs: number;
  readonly endedMs: number;
  /** Of this attempt's call, or of an earlier one. */
  readonly optOut?: CallOptOut;
}

/** Applies the report of an attempt's end: its dial counts, or is given back, and an opt-out is recorded. */
export function settle(contact: Contact, ended: Release | Confirmation, nowMs: number): Contact {
  const settled = 'dialed' in ended ? confirm(contact, ended, nowMs) : release(contact, ended);
  const { reference, atMs } = fieldsOf(ended.optOut);
  if (typeof reference !== 'string' || typeof atMs !== 'number') return settled;
  // Other programs choose workflow IDs, so that one can contain a phone number.
  const reason = maskForeignNumbers(`outcome of ${reference}`);
  // A report that is sent again must not end a later opt-in.
  const isRepeated = settled.optOuts.some((one) => one.reason === reason && one.atMs >= atMs);
  return isRepeated ? settled : optOut(settled, reason, nowMs);
}

/** Counts the dial of an attempt that has ended. Also one of which nothing is known: the earlier state may be lost. */
export function confirm(contact: Contact, ended: Confirmation, nowMs: number): Contact {
  const { reference, outcome, placedMs, endedMs } = ended;
  const end = { outcome, endedMs };
  const own = contact.open.find((one) => one.reference === reference);
  if (own !== undefined) {
    const toMs = Math.max(own.fromMs, Math.min(own.toMs, nowMs));
    return withDial(withoutAttempt(contact, { reference }), { ...toDial(own), toMs, ...end });
  }
  const known = contact.dials.findLast((one) => one.reference === reference);
  // Each attempt dials once. A run that was reset reports it again, and so does one whose worker was lost meanwhile.
  if (known?.endedMs !== undefined) return contact;
  if (known !== undefined) {
    const dials = contact.dials.map((one) => (one === known ? { ...one, ...end } : one));
    return { ...contact, dials };
  }
  const lost = { reference, fromMs: placedMs, toMs: placedMs, days: [], weeks: [], ...end };
  return withDial(contact, lost);
}

// --- internal ---

/** Keeps the state below the size limit of a payload, whatever the policy. */
const MAX_DIALS = 2_000;
function withDial(contact: Contact, dial: PastDial): Contact {
  return { ...contact, dials: [...contact.dials, dial].slice(-MAX_DIALS) };
}

/** What was given back can allow the dial of the run that waits longest, whatever limit it waits for. */
function withNextFreed(waiting: readonly WaitingRun[]): readonly WaitingRun[] {
  const next = waiting.find(({ untilMs }) => untilMs !== undefined);
  return waiting.map((one) => (one === next ? withoutInstant(one) : one));
}

function withoutInstant({ reference, sinceMs, limits }: WaitingRun): WaitingRun {
  return { reference, sinceMs, limits };
}

function withoutWaiting({ waiting }: Contact, reference: string): readonly WaitingRun[] {
  return waiting.filter((one) => one.reference !== reference);
}
