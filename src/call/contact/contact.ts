import type { Outcome } from '../outcome';
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

/** A run that waits for its dial. */
export interface WaitingRun {
  readonly reference: string;
  readonly sinceMs: number;
  readonly limits: ContactAsk['limits'];
  /** When it asks again by itself. Absent if it is to be woken before, because another call ends or was not dialed. */
  readonly untilMs?: number;
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

/** Counts reservations whose lease has ended as dials. Forgets old dials, and runs that ask again by themselves. */
export function expire(contact: Contact, nowMs: number): Contact {
  const isLapsed = ({ leaseEndMs }: Reservation) => leaseEndMs <= nowMs;
  const isOld = ({ toMs }: PastDial) => toMs < nowMs - KEEP_MS;
  const isDue = ({ untilMs = Infinity }: WaitingRun) => untilMs <= nowMs;
  const { open, dials, waiting } = contact;
  const isUnchanged = !open.some(isLapsed) && !dials.some(isOld) && !waiting.some(isDue);
  if (isUnchanged) return contact;
  const lapsed = contact.open.filter(isLapsed).map(toDial);
  return {
    ...contact,
    waiting: waiting.filter((one) => !isDue(one)),
    open: contact.open.filter((one) => !isLapsed(one)),
    dials: [...contact.dials, ...lapsed].filter((dial) => !isOld(dial)),
  };
}

/** What a reservation becomes once its attempt has ended, or its lease. */
export function toDial({ reference, fromMs, toMs, days, weeks }: Reservation): PastDial {
  return { reference, fromMs, toMs, days, weeks };
}

/** Whether nothing would be lost if the contact were forgotten. */
export function isForgettable(contact: Contact, nowMs: number): boolean {
  const { open, dials, waiting, optOuts } = expire(contact, nowMs);
  return [open, dials, waiting, optOuts].every((list) => list.length === 0);
}
