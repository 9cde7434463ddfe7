import {
  expire,
  type Contact,
  type ContactAnswer,
  type ContactAsk,
  type ContactLimit,
  type PastDial,
  type Reservation,
  type Span,
  type WaitingRun,
} from './contact';
import { withoutAttempt } from './settle';
import { isOptedOut } from './opt-outs';

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
  const others = withoutAttempt(current, { reference });
  if (isOptedOut(others)) return { contact: others, answer: { kind: 'opted_out', sendByMs } };
  const denials = denialsOf(others, ask, nowMs);
  if (denials.length > 0) {
    const limits = denials.map(({ limit }) => limit);
    const untilMs = Math.max(...denials.map((denial) => denial.untilMs));
    const known = current.waiting.find((one) => one.reference === reference);
    const waiting: WaitingRun = {
      reference,
      // A run keeps its place when it asks again.
      sinceMs: known?.sinceMs ?? nowMs,
      limits: ask.limits,
      ...(!limits.includes('concurrent') && { untilMs }),
    };
    return {
      contact: withWaiting(others, waiting),
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

/**
 * The run that waits longest, if calls at the same time and the gap would allow its dial now. If the person opted out,
 * every waiting run is to end.
 *
 * @param woken The references of the runs that were asked to try again and have not done so yet.
 */
export function nextWaiting(
  contact: Contact,
  woken: ReadonlySet<string>,
  nowMs: number,
): WaitingRun | undefined {
  const asleep = contact.waiting.filter(({ reference }) => !woken.has(reference));
  if (isOptedOut(contact)) return asleep[0];
  const next = asleep.find(({ untilMs }) => untilMs === undefined);
  if (next === undefined) return undefined;
  const { concurrent = Infinity } = next.limits;
  const isFree = expire(contact, nowMs).open.length + woken.size < concurrent;
  return isFree && gapEndMs(contact, next.limits) <= nowMs ? next : undefined;
}

/** How many dials are, or can be, in a span. Attempts that have not ended count. */
export function countDials({ dials, open }: Pick<Contact, 'dials' | 'open'>, span: Span): number {
  return [...dials, ...open].filter((dial) => overlaps(toSpan(dial), span)).length;
}

/** Why a dial is forbidden, and the earliest instant at which it is not. */
export interface Denial {
  readonly limit: ContactLimit;
  readonly untilMs: number;
}

/** The limits that forbid the dial of a question at this instant: one entry for each. */
export function denialsOf(contact: Contact, ask: ContactAsk, nowMs: number): readonly Denial[] {
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
      if (countDials(contact, span) >= most) denials.push({ limit, untilMs: span.endMs });
    }
  };
  full('perDay', perDay, ask.days);
  full('perWeek', perWeek, ask.weeks);
  return onePerLimit(denials);
}

// --- internal ---

/** Keeps the state below the size limit of a payload. */
const MAX_WAITING = 1_000;

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

function withWaiting(contact: Contact, added: WaitingRun): Contact {
  const waiting = [...contact.waiting, added].sort((a, b) => a.sinceMs - b.sinceMs);
  return { ...contact, waiting: waiting.slice(0, MAX_WAITING) };
}
