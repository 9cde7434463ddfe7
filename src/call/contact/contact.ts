import type { Outcome } from '../outcome';
import { cutToBytes } from '../text/characters';
import { maskForeignNumbers } from '../text/masking';
import { fieldsOf } from '../untrusted-values';
import type { ContactPolicy } from './policy';

/** Instants in milliseconds since 1970, like all in this file. The end is exclusive. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** The question before a dial. All instants are by the server's clock. */
export interface ContactAsk {
  /** Identifies the attempt. */
  readonly reference: string;
  /** The request of this question is sent before this instant or not at all. */
  readonly sendByMs: number;
  /** How long the attempt can be unfinished at most. */
  readonly leaseMs: number;
  /** The local days and weeks of the person around now. A day of which one part repeats overlaps its neighbor. */
  readonly days: readonly Span[];
  readonly weeks: readonly Span[];
  readonly limits: Omit<ContactPolicy, 'timeZone'>;
  /** How soon to ask again if only the end of another call can help. */
  readonly askAgainMs: number;
}

/** Which limit forbids a dial. */
export type ContactLimit = 'minGap' | 'perDay' | 'perWeek' | 'concurrent';

/** The answer. `sendByMs` is that of the question: an answer to an earlier question allows nothing. */
export type ContactAnswer = { readonly sendByMs: number } & (
  | { readonly kind: 'reserved' }
  | {
      readonly kind: 'not_before';
      readonly untilMs: number;
      readonly limits: readonly ContactLimit[];
    }
  | { readonly kind: 'opted_out' }
  /** The question came too late for its request to be sent, so nothing is reserved. */
  | { readonly kind: 'late' }
);

/** An attempt that is allowed to dial, and has not ended. */
export interface Reservation {
  readonly reference: string;
  /** The dial is sent between these two instants, or not at all. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly leaseEndMs: number;
  /** The days and weeks in which the dial can be. */
  readonly days: readonly Span[];
  readonly weeks: readonly Span[];
}

/** An attempt that dialed, or may have dialed, and has ended. */
export interface PastDial extends Omit<Reservation, 'leaseEndMs'> {
  /** Absent if the run did not report the end before the lease ended. */
  readonly endedMs?: number;
  readonly outcome?: Outcome;
}

/** A run that waits for the end of another call. */
export interface WaitingRun {
  readonly reference: string;
  readonly sinceMs: number;
  readonly limits: ContactAsk['limits'];
}

export interface OptOut {
  readonly atMs: number;
  readonly reason?: string;
  /** When the person opted in again. */
  readonly endedMs?: number;
  readonly endReason?: string;
}

/** What is known of one person. It contains no phone number. Stored in history: fields cannot be renamed. */
export interface Contact {
  readonly open: readonly Reservation[];
  readonly dials: readonly PastDial[];
  readonly waiting: readonly WaitingRun[];
  readonly optOuts: readonly OptOut[];
}

export const NEW_CONTACT: Contact = { open: [], dials: [], waiting: [], optOuts: [] };

/** How long a dial is remembered. */
export const KEEP_MS = 400 * 24 * 3_600_000;

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

/** Gives a reservation back. It does not count. Also ends the wait of its run. */
export function release(contact: Contact, { reference, sendByMs }: Release): Contact {
  const isIt = (one: Reservation) =>
    one.reference === reference && (sendByMs === undefined || one.toMs === sendByMs);
  return {
    ...contact,
    open: contact.open.filter((one) => !isIt(one)),
    waiting: withoutWaiting(contact, reference),
  };
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
    return withDial(release(contact, { reference }), { ...toDial(own), toMs, ...end });
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

/** Counts reservations whose lease has ended as dials, and forgets dials that are too old. */
export function expire(contact: Contact, nowMs: number): Contact {
  const isLapsed = ({ leaseEndMs }: Reservation) => leaseEndMs <= nowMs;
  const isOld = ({ toMs }: PastDial) => toMs < nowMs - KEEP_MS;
  const isUnchanged = !contact.open.some(isLapsed) && !contact.dials.some(isOld);
  if (isUnchanged) return contact;
  const lapsed = contact.open.filter(isLapsed).map(toDial);
  return {
    ...contact,
    open: contact.open.filter((one) => !isLapsed(one)),
    dials: [...contact.dials, ...lapsed].filter((dial) => !isOld(dial)),
  };
}

export function isOptedOut({ optOuts }: Contact): boolean {
  return optOuts.some(({ endedMs }) => endedMs === undefined);
}

export function optOut(contact: Contact, reason: string | undefined, nowMs: number): Contact {
  if (isOptedOut(contact)) return contact;
  const added = toStored({ atMs: nowMs, ...(reason !== undefined && { reason }) });
  return { ...contact, optOuts: [...contact.optOuts, added] };
}

export function optIn(contact: Contact, reason: string | undefined, nowMs: number): Contact {
  if (!isOptedOut(contact)) return contact;
  const end = { endedMs: nowMs, ...(reason !== undefined && { endReason: reason }) };
  const optOuts = contact.optOuts.map((one) =>
    one.endedMs === undefined ? toStored({ ...one, ...end }) : one,
  );
  return { ...contact, optOuts };
}

/**
 * Adds the opt-outs that are missing. What is known stays as it is, so that this never allows a call.
 *
 * Opt-outs are the same if their times are. One that was ended in the millisecond of the next one has the same time: as
 * many are added as are missing.
 */
export function restoreOptOuts(contact: Contact, restored: readonly OptOut[]): Contact {
  const unmatched = contact.optOuts.map(({ atMs }) => atMs);
  const missing = restored.filter(({ atMs }) => {
    const at = unmatched.indexOf(atMs);
    if (at >= 0) unmatched.splice(at, 1);
    return at < 0;
  });
  if (missing.length === 0) return contact;
  const all = [...contact.optOuts, ...missing.map(toStored)];
  const optOuts = all.sort((one, other) => one.atMs - other.atMs);
  return { ...contact, optOuts };
}

/** Whether nothing would be lost if the contact were forgotten. */
export function isForgettable(contact: Contact, nowMs: number): boolean {
  const { open, dials, waiting, optOuts } = expire(contact, nowMs);
  return [open, dials, waiting, optOuts].every((list) => list.length === 0);
}

// --- internal ---

/** Keeps the state below the size limit of a payload, whatever the policy. */
const MAX_DIALS = 2_000;
const MAX_REASON_BYTES = 1_000;

function toStored({ atMs, reason, endedMs, endReason }: OptOut): OptOut {
  return {
    atMs,
    ...(reason !== undefined && { reason: storedReason(reason) }),
    ...(endedMs !== undefined && { endedMs }),
    ...(endReason !== undefined && { endReason: storedReason(endReason) }),
  };
}

/** The state contains no phone number, whatever a reason contains. */
function storedReason(text: string): string {
  return cutToBytes(maskForeignNumbers(text), MAX_REASON_BYTES);
}

function toDial({ reference, fromMs, toMs, days, weeks }: Reservation): PastDial {
  return { reference, fromMs, toMs, days, weeks };
}

function withDial(contact: Contact, dial: PastDial): Contact {
  return { ...contact, dials: [...contact.dials, dial].slice(-MAX_DIALS) };
}

function withoutWaiting({ waiting }: Contact, reference: string): readonly WaitingRun[] {
  return waiting.filter((one) => one.reference !== reference);
}
