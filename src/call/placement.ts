import type { ContactLimit } from './contact/contact';

/** Why a run fails: a problem that an operator has to fix. Each is the `type` of an `ApplicationFailure`. */
export const FAILURE_TYPES = [
  'InvalidInput',
  'bad_request',
  'unauthorized',
  'forbidden',
  'insufficient_credits',
  'agent_not_found',
  'no_phone_number_configured',
  'invalid_phone_number',
  'agent_not_active',
  'validation_error',
  'payload_too_large',
  'rate_limited',
  'truedy_unreachable',
  'refused',
] as const;
export type FailureType = (typeof FAILURE_TYPES)[number];

/** Why a request is sent later: Truedy's rate limit, the network, or our own conditions. */
export type DeferralCause = 'rate_limited' | 'truedy_unreachable' | 'conditions';

/** What one dispatch of `placeCall` proves. */
export type Placed =
  /** Truedy returned a call id. `saysFailed`: the same answer reports the call as failed, which a later read must confirm. */
  | {
      readonly kind: 'placed';
      readonly callId: string;
      readonly saysFailed: boolean;
      readonly sentAtMs: number;
    }
  /** No phone rang, and Truedy would refuse the same request again. */
  | {
      readonly kind: 'refused';
      readonly type: FailureType;
      readonly status: number;
      readonly requestId?: string;
    }
  /** Our own conditions forbid the call. Nothing was sent, and the attempt is over. */
  | {
      readonly kind: 'withheld';
      readonly outcome: 'expired' | 'suppressed';
      readonly reason: string;
    }
  /** No phone rang this time. The same bytes may be sent again. */
  | {
      readonly kind: 'deferred';
      readonly cause: DeferralCause;
      readonly reason: string;
      /** The earliest instant for the next send. Absent: back off. */
      readonly untilMs?: number;
      /** The limits of the contact policy that forbid the dial, if they do. */
      readonly contactLimits?: readonly ContactLimit[];
    }
  /** It cannot be determined whether a phone rang. */
  | {
      readonly kind: 'unclear';
      readonly reason: string;
      /** The latest instant at which a byte of the request left, in milliseconds since 1970. */
      readonly latestSendMs: number;
      /** The earliest such instant. Absent: the same as `latestSendMs`. */
      readonly earliestSendMs?: number;
    };

/** A failure or deferral in plain words. */
export function describeCause(cause: FailureType | DeferralCause): string {
  return CAUSES[cause] ?? cause.replaceAll('_', ' ');
}

// --- internal ---

const CAUSES: Readonly<Partial<Record<FailureType | DeferralCause, string>>> = {
  insufficient_credits: 'no credits at Truedy',
  unauthorized: 'Truedy rejected the API key',
  forbidden: 'Truedy does not allow this account to place the call',
  rate_limited: 'rate limited by Truedy',
  truedy_unreachable: 'Truedy is unreachable',
};
