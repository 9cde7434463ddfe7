import type { CallRecord } from './call-record';
import type { Outcome } from './outcome';
import type { Phase, UpdateName } from './phase';

/**
 * What an operator should know of an attempt. A flag is never removed, and a flagged run dials no further attempt.
 *
 * The names are public: they appear in `flags` of each attempt in result and `getCall`, and as a metric label.
 */
export const FLAGS = {
  second_call: 'a second call carries the reference of this attempt',
  other_number: 'a call with the reference of this attempt does not show our number',
  contradicted: 'reports contradict each other about how the call ended',
  dialed_after_all: 'Truedy reports a call that an operator resolved as not dialed',
  opted_out: 'the person asked on the call not to be called again',
} as const;
export type Flag = keyof typeof FLAGS;

/** An event of a call, as the webhook bridge signals it. */
export interface CallEvent {
  /** Truedy's event type, such as `call.ended`. */
  readonly event: string;
  readonly deliveryId?: string;
  /** Set if the delivery carries our reference. */
  readonly attempt?: number;
  /** Truedy's own id, if the delivery distinguishes it from the carrier's. */
  readonly callId?: string;
  /** Truedy's and the carrier's ids of the call, Truedy's first. */
  readonly ids: readonly string[];
  /** Of the number called. Set if the delivery shows a number and carries our reference. */
  readonly numberDigest?: string;
  /** ISO 8601, by the bridge's clock. */
  readonly receivedAt: string;
  /** How the call ended, in Truedy's or the carrier's own word. */
  readonly reason?: string;
  /** Set if the call has ended and its record is complete. Otherwise the event only prompts a read. */
  readonly call?: CallRecord;
}

/** Which source established that a call exists. */
export type PlacedBy = 'response' | 'listing' | 'webhook' | 'resolve';
/** Which source reported how the call ended. */
export const LEARNED_BY = ['webhook', 'poll', 'resolve'] as const;
export type LearnedBy = (typeof LEARNED_BY)[number];

/** One attempt, as the result and the query report it. An open attempt has neither `outcome` nor `endedAt`. */
export interface AttemptReport {
  readonly number: number;
  readonly callId?: string;
  readonly outcome?: Outcome;
  /** ISO 8601. */
  readonly placedAt?: string;
  /** ISO 8601. */
  readonly endedAt?: string;
  readonly rangPhone?: boolean;
  readonly placedBy?: PlacedBy;
  readonly learnedBy?: LearnedBy;
  /** How the call ended, in Truedy's or the carrier's own word. */
  readonly reason?: string;
  /** Why an operator should check the attempt. Absent if there are no flags. */
  readonly flags?: readonly Flag[];
}

/** What a requested cancellation achieved. Truedy has no hang-up: a live call runs to its end. */
export type Cancellation = 'prevented' | 'too_late' | 'unknown';

/** The result of `OutboundCallWorkflow`. */
export interface CallResult {
  readonly outcome: Outcome;
  /** Why nothing was dialed. Set if `outcome` is `suppressed`: `opted_out`, or the text of the dial check. */
  readonly reason?: string;
  /** Of the deciding attempt. Absent if no call was placed. */
  readonly callId?: string;
  readonly cancellation?: Cancellation;
  readonly attempts: readonly AttemptReport[];
  /** The deciding attempt's call. Absent if no call was placed. */
  readonly call?: CallRecord;
}

/** The answer to the query `getCall` and to every update. */
export interface CallView {
  readonly workflowId: string;
  readonly phase: Phase;
  /** ISO 8601: when this phase began. */
  readonly since: string;
  /** One sentence: why the call is in this phase. */
  readonly because: string;
  readonly attempt: number;
  /** ISO 8601: when the call continues by itself. */
  readonly nextAt?: string;
  readonly callId?: string;
  readonly outcome?: Outcome;
  readonly attempts: readonly AttemptReport[];
  /** The updates that are accepted in this phase. */
  readonly can: readonly UpdateName[];
}

/** The input of `reschedule`: ISO 8601 with an offset. At least one of the two is required. */
export interface Reschedule {
  readonly notBefore?: string;
  readonly expiresAt?: string;
}

/** The input of `resolve`: what an operator found out about an unclear attempt. */
export type Resolution =
  | { readonly dialled: true; readonly callId: string; readonly reason?: string }
  | { readonly dialled: false; readonly reason?: string };

/** The input of `stop`. */
export interface Stop {
  readonly reason?: string;
}
