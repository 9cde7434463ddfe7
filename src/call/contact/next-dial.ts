import { sendLimits } from '../timing';
import { type Contact, type ContactAsk, type ContactLimit } from './contact';
import { isOptedOut } from './opt-outs';
import { reserve } from './reserve';

/** When the next dial is allowed, as far as the limits of a policy are known. */
export interface NextDial {
  /** If an attempt has not ended, the dial can be allowed sooner: when that ends. */
  readonly atMs: number;
  /** The limits that forbid a dial now. */
  readonly limits: readonly ContactLimit[];
}

/**
 * When the contact workflow would allow the next dial, if no other call is placed before.
 *
 * @param spansAt The days and weeks around an instant.
 * @returns `undefined` if the person opted out.
 */
export function nextDial(
  contact: Contact,
  limits: ContactAsk['limits'],
  spansAt: (ms: number) => Pick<ContactAsk, 'days' | 'weeks'>,
  nowMs: number,
): NextDial | undefined {
  if (isOptedOut(contact)) return undefined;
  let atMs = nowMs;
  let first: readonly ContactLimit[] | undefined;
  // Each answer is a lower bound: after a gap has passed, the day can be full.
  for (let asked = 0; asked < MAX_ASKS; asked += 1) {
    const sendByMs = atMs + sendLimits(1).sendWithinMs;
    const ask = { reference: '', sendByMs, leaseMs: 0, askAgainMs: Infinity, limits };
    const { answer } = reserve(contact, { ...ask, ...spansAt(atMs) }, atMs);
    if (answer.kind !== 'not_before') break;
    first ??= answer.limits;
    atMs = answer.untilMs;
  }
  return { atMs, limits: first ?? [] };
}

// --- internal ---

const MAX_ASKS = 1_000;
