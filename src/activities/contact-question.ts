import { log } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ContactAnswer, ContactAsk } from '../call/contact/contact';
import type { Confirmation, Release } from '../call/contact/settle';
import type { ContactPolicy } from '../call/contact/policy';
import type { DialConditions, FrozenRequest } from '../call/dial-request';
import type { Placed } from '../call/placement';
import { contactAskAgainMs, sendLimits } from '../call/timing';
import { scaledMs } from '../call/text/duration';
import { contactSpans } from './contact-days';
import { nameOf } from './retry-failures';
import { defer } from './send-questions';
import { askWithDeadline, type ServerClock } from './server-questions';

/** The contact workflows. Each function rejects if the server does not answer. */
export interface Contacts {
  readonly policy: ContactPolicy;
  /** @param updateId The server stores the answer under it. */
  readonly reserve: (
    phoneNumber: string,
    ask: ContactAsk,
    updateId: string,
  ) => Promise<ContactAnswer>;
  readonly settle: (phoneNumber: string, ended: Release | Confirmation) => Promise<void>;
}

/** The last question before one dial. */
export interface ContactQuestion {
  /** Why the person must not be called now; `undefined` if the dial is reserved. */
  ask(): Promise<Placed | undefined>;
  /** Gives back what `ask` reserved, or may have reserved, if nothing was sent. Never rejects. */
  giveBack(proof: Placed): Promise<void>;
}

/** Without a policy, nothing is asked. */
export function createContactQuestion(contacts: Contacts | undefined, timeScale: number) {
  /** @param handoverMs When the server handed over the activity, by its own clock. */
  return (
    request: FrozenRequest,
    conditions: DialConditions,
    dispatch: { readonly handoverMs: number; readonly now: ServerClock },
  ): ContactQuestion => {
    const { reference, phoneNumber } = request;
    const sendByMs = dispatch.handoverMs + sendLimits(timeScale).sendWithinMs;
    let mayBeReserved = false;
    return {
      async ask() {
        if (contacts === undefined) return conditions.contact && defer(NO_POLICY);
        const { ask: number, leaseMs } = conditions.contact ?? unplanned(sendByMs, timeScale);
        const ask = { reference, sendByMs, leaseMs, ...termsOf(contacts, conditions, dispatch) };
        mayBeReserved = true;
        try {
          const reserve = () => contacts.reserve(phoneNumber, ask, `${reference}/${number}`);
          const answer = await askWithDeadline(reserve);
          const objection = objectionOf(answer, sendByMs);
          mayBeReserved = answer.kind === 'reserved';
          return objection;
        } catch (error) {
          return defer(`could not check the contact limits: ${nameOf(error)}`);
        }
      },
      async giveBack({ kind }) {
        if (!mayBeReserved || kind === 'placed' || kind === 'unclear') return;
        try {
          await askWithDeadline(async () => contacts?.settle(phoneNumber, { reference, sendByMs }));
        } catch (error) {
          // The run gives it back at its end, and the lease ends at the latest.
          log.warn('Could not give back a contact reservation', { why: nameOf(error) });
        }
      },
    };
  };

  function termsOf(
    { policy }: Contacts,
    { window }: DialConditions,
    { now }: { readonly now: ServerClock },
  ): Pick<ContactAsk, 'days' | 'weeks' | 'limits' | 'askAgainMs'> {
    const { timeZone, minGapMs, ...counts } = policy;
    return {
      ...contactSpans(window?.timeZone ?? timeZone, now()),
      limits: { ...counts, ...(minGapMs && { minGapMs: scaledMs(minGapMs, timeScale) }) },
      askAgainMs: contactAskAgainMs(timeScale),
    };
  }
}

/** The local activity: reports that an attempt has ended. */
export function createSettleContact(contacts: Contacts | undefined) {
  return async function settleContact(
    phoneNumber: string,
    ended: Release | Confirmation,
  ): Promise<void> {
    if (contacts === undefined) throw ApplicationFailure.nonRetryable(NO_POLICY, 'NoContactPolicy');
    await contacts.settle(phoneNumber, ended);
  };
}

// --- internal ---

const NO_POLICY = 'this worker has no contact policy: set TRUEDY_CONTACT_POLICY as on the others';

const UNPLANNED_LEASE_MS = 6 * 3_600_000;

/** For a run that was started before the policy was set. Such a run reports no end, so that its lease ends. */
function unplanned(sendByMs: number, timeScale: number) {
  return { ask: sendByMs, leaseMs: scaledMs(UNPLANNED_LEASE_MS, timeScale) };
}

function objectionOf(answer: ContactAnswer, sendByMs: number): Placed | undefined {
  // The server repeats the stored answer to an earlier question with the same id.
  if (answer.sendByMs !== sendByMs) return defer('the contact answered an earlier question');
  switch (answer.kind) {
    case 'reserved':
      return undefined;
    case 'opted_out':
      return { kind: 'withheld', outcome: 'suppressed', reason: 'opted_out' };
    case 'late':
      return defer('the contact received the question too late');
    case 'not_before': {
      const { untilMs, limits } = answer;
      return { ...defer('contact limit'), untilMs, contactLimits: limits };
    }
  }
}
