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

/**
 * Allows the dial or says when to ask again. The same attempt never holds two reservations: a new question replaces its
 * earlier one, whose request was not sent.
 */
export function reserve(
  contact: Contact,
  ask: ContactAsk,
  nowMs: number,
): { readonly contact: Contact; readonly answer: ContactAnswer } {
  const current = expire(contact, nowMs);
  const { reference, sendByMs } = ask;
  const own = current.open.find((one) => one.reference === reference);
  if (own?.toMs === sendByMs) return { contact: current, answer: { kind: 'reserved', sendByMs } };
  // A later question of the same attempt came first.
  const isOvertaken = own !== undefined && own.toMs > sendByMs;
  if (nowMs >= sendByMs || isOvertaken) {
    return { contact: current, answer: { kind: 'late', sendByMs } };
  }
  const others = release(current, { reference });
  if (isOptedOut(others)) return { contact: others, answer: { kind: 'opted_out', sendByMs } };
  const denials = denialsOf(others, ask, nowMs);
  if (denials.length > 0) {
    const limits = denials.map(({ limit }) => limit);
    const untilMs = Math.max(...denials.map((denial) => denial.untilMs));
    const isBusy = limits.includes('concurrent');
    return {
      contact: isBusy ? withWaiting(others, current, ask, nowMs) : others,
      answer: { kind: 'not_before', untilMs, limits, sendByMs },
    };
  }
  const reservation: Reservation = {
    reference,
    fromMs: nowMs,
    toMs: sendByMs,
    leaseEndMs: nowMs + ask.leaseMs,
    days: spansAt(ask.days, { startMs: nowMs, endMs: sendByMs }),
    weeks: spansAt(ask.weeks, { startMs: nowMs, endMs: sendByMs }),
  };
  return {
    contact: { ...others, open: [...others.open, reservation] },
    answer: { kind: 'reserved', sendByMs },
  };
}

/** Which attempt ended without a dial. `sendByMs`: only the reservation by that question. */
export interface Release {
  readonly reference: string;
  readonly sendByMs?: number;
}

/** Gives a reservation back. It does not count. Also ends the wait of its run. */
export function release(contact: Contact, { reference, sendByMs }: Release): Contact {
  const isIt = (one: Reservation) =>
    one.reference === reference && (sendByMs === undefined || one.toMs === sendByMs);
  return {
    ...contact,
    open: contact.open.filter((one) => !isIt(one)),
    waiting: contact.waiting.filter((one) => one.reference !== reference),
  };
}

/** Which attempt dialed, or may have dialed, and has ended. */
export interface Confirmation {
  readonly reference: string;
  readonly dialed: true;
  readonly outcome: Outcome;
  /** When it was sent, as far as is known. */
  readonly placedMs: number;
  /** The same in a repeated confirmation. */
  readonly endedMs: number;
}

/** Counts the dial of an attempt that has ended. Also one of which nothing is known: the earlier state may be lost. */
export function confirm(contact: Contact, ended: Confirmation, nowMs: number): Contact {
  const { reference, outcome, placedMs, endedMs } = ended;
  const end = { outcome, endedMs };
  const own = contact.open.find((one) => one.reference === reference);
  if (own !== undefined) {
    const { leaseEndMs: _, ...dial } = own;
    const toMs = Math.max(own.fromMs, Math.min(own.toMs, nowMs));
    return withDial(release(contact, { reference }), { ...dial, toMs, ...end });
  }
  const known = contact.dials.findLast((one) => one.reference === reference);
  if (known !== undefined && known.endedMs === endedMs) return contact;
  if (known !== undefined && known.endedMs === undefined) {
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
  const lapsed = contact.open.filter(isLapsed).map(({ leaseEndMs: _, ...dial }) => dial);
  return {
    ...contact,
    open: contact.open.filter((one) => !isLapsed(one)),
    dials: [...contact.dials, ...lapsed].filter((dial) => !isOld(dial)),
  };
}

/** The run that waits longest, if it could reserve now as far as calls at the same time and the gap are concerned. */
export function nextWaiting(contact: Contact, nowMs: number): WaitingRun | undefined {
  const first = contact.waiting[0];
  if (first === undefined || isOptedOut(contact)) return first;
  const { concurrent = Infinity } = first.limits;
  const isFree = expire(contact, nowMs).open.length < concurrent;
  return isFree && gapEndMs(contact, first.limits) <= nowMs ? first : undefined;
}

export function isOptedOut({ optOuts }: Contact): boolean {
  return optOuts.some(({ endedMs }) => endedMs === undefined);
}

export function optOut(contact: Contact, reason: string | undefined, nowMs: number): Contact {
  if (isOptedOut(contact)) return contact;
  const added = { atMs: nowMs, ...(reason !== undefined && { reason }) };
  return { ...contact, optOuts: [...contact.optOuts, added] };
}

export function optIn(contact: Contact, nowMs: number): Contact {
  if (!isOptedOut(contact)) return contact;
  const optOuts = contact.optOuts.map((one) => ({ ...one, endedMs: one.endedMs ?? nowMs }));
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
const MAX_WAITING = 1_000;

interface Denial {
  readonly limit: ContactLimit;
  readonly untilMs: number;
}

function denialsOf(contact: Contact, ask: ContactAsk, nowMs: number): readonly Denial[] {
  const { perDay, perWeek, concurrent = Infinity } = ask.limits;
  const { open } = contact;
  const denials: Denial[] = [];
  if (open.length >= concurrent) {
    const leaseEndMs = Math.min(...open.map((one) => one.leaseEndMs));
    denials.push({ limit: 'concurrent', untilMs: Math.min(leaseEndMs, nowMs + ask.askAgainMs) });
  }
  const gapMs = gapEndMs(contact, ask.limits);
  if (gapMs > nowMs) denials.push({ limit: 'minGap', untilMs: gapMs });
  const dials = [...contact.dials, ...open];
  const send = { startMs: nowMs, endMs: ask.sendByMs };
  const full = (limit: 'perDay' | 'perWeek', most: number | undefined, asked: readonly Span[]) => {
    if (most === undefined) return;
    const of = (dial: PastDial) => (limit === 'perDay' ? dial.days : dial.weeks);
    // Other calls to the same person can have other time zones: their days are kept, too.
    const spans = spansAt([...asked, ...dials.flatMap(of)], send);
    for (const span of spans) {
      const count = dials.filter((dial) => overlaps(toSpan(dial), span)).length;
      if (count >= most) denials.push({ limit, untilMs: span.endMs });
    }
  };
  full('perDay', perDay, ask.days);
  full('perWeek', perWeek, ask.weeks);
  return onePerLimit(denials);
}

function onePerLimit(denials: readonly Denial[]): readonly Denial[] {
  const byLimit = new Map<ContactLimit, Denial>();
  for (const denial of denials) {
    const known = byLimit.get(denial.limit);
    if (known === undefined || known.untilMs < denial.untilMs) byLimit.set(denial.limit, denial);
  }
  return [...byLimit.values()];
}

function gapEndMs({ dials, open }: Contact, { minGapMs }: ContactAsk['limits']): number {
  if (minGapMs === undefined) return 0;
  return Math.max(0, ...[...dials, ...open].map(({ toMs }) => toMs + minGapMs));
}

function spansAt(spans: readonly Span[], instants: Span): readonly Span[] {
  return spans.filter((span) => overlaps(instants, span));
}

/** The last instant of a dial can be that of the dial itself, so it belongs to the span. */
function toSpan({ fromMs, toMs }: PastDial): Span {
  return { startMs: fromMs, endMs: toMs + 1 };
}

function overlaps(one: Span, other: Span): boolean {
  return one.startMs < other.endMs && other.startMs < one.endMs;
}

/** A run keeps its place when it asks again. */
function withWaiting(
  contact: Contact,
  before: Contact,
  { reference, limits }: ContactAsk,
  nowMs: number,
): Contact {
  const known = before.waiting.find((one) => one.reference === reference);
  const entry = { reference, sinceMs: known?.sinceMs ?? nowMs, limits };
  const waiting = [...contact.waiting, entry].sort((a, b) => a.sinceMs - b.sinceMs);
  return { ...contact, waiting: waiting.slice(0, MAX_WAITING) };
}

function withDial(contact: Contact, dial: PastDial): Contact {
  return { ...contact, dials: [...contact.dials, dial].slice(-MAX_DIALS) };
}
