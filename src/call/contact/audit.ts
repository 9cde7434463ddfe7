import { type Contact, type ContactAsk, type ContactLimit, type PastDial } from './contact';
import { isOptedOut } from './opt-outs';
import { denialsOf } from './reserve';

/** What one step added to a contact, for metrics and the log. */
export interface ContactChanges {
  readonly isOptedOut: boolean;
  /** The limits that new dials exceed: one entry for each dial and limit. */
  readonly exceeded: readonly ContactLimit[];
}

/**
 * Compares a contact before and after a step.
 *
 * A dial exceeds a limit if its question would have been refused, given the dials before it. The contact allows no such
 * dial, so that it needs two policies, a change of the policy, or a contact that was terminated.
 *
 * @param limits Those of the last question. Absent if none was asked.
 */
export function changesOf(
  before: Contact,
  after: Contact,
  limits: ContactAsk['limits'] | undefined,
): ContactChanges {
  return {
    isOptedOut: isOptedOut(after) && !isOptedOut(before),
    exceeded:
      limits === undefined
        ? []
        : addedDials(before, after).flatMap((dial) => exceededBy(after, dial, limits)),
  };
}

/** Whether two questions have the same limits. */
export function isSameLimits(one: ContactAsk['limits'], other: ContactAsk['limits']): boolean {
  return NAMES.every((name) => one[name] === other[name]);
}

// --- internal ---

const NAMES = ['minGapMs', 'perDay', 'perWeek', 'concurrent'] as const;

/** How much later than its end an attempt may be reported to have ended: clocks of servers differ. */
const CLOCK_MARGIN_MS = 1_000;

function addedDials(before: Contact, after: Contact): readonly PastDial[] {
  if (after.dials === before.dials) return [];
  const known = new Set(before.dials.map(toId));
  return after.dials.filter((dial) => !known.has(toId(dial)));
}

/** One attempt can dial again in a later run with the same ID. */
function toId({ reference, fromMs }: PastDial): string {
  return `${reference} ${fromMs}`;
}

function exceededBy(
  { dials, open }: Contact,
  dial: PastDial,
  limits: ContactAsk['limits'],
): readonly ContactLimit[] {
  const isEarlier = (one: PastDial) => one.fromMs < dial.fromMs;
  const wasOpen = ({ endedMs = 0 }: PastDial) => endedMs > dial.fromMs + CLOCK_MARGIN_MS;
  const earlier = dials.filter(isEarlier);
  const unfinished = earlier.filter(wasOpen).map((one) => ({ ...one, leaseEndMs: Infinity }));
  const atDial: Contact = {
    open: [...open.filter(isEarlier), ...unfinished],
    dials: earlier.filter((one) => !wasOpen(one)),
    waiting: [],
    optOuts: [],
  };
  const { reference, fromMs, toMs, days, weeks } = dial;
  const asked = { reference, days, weeks, limits, sendByMs: toMs + 1, leaseMs: 0, askAgainMs: 0 };
  return denialsOf(atDial, asked, fromMs).map(({ limit }) => limit);
}
