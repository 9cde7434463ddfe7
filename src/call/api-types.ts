import type { Flag } from './flags';
import type { Outcome } from './outcome';
import type { CallRecord } from './call-record';

/** Where a conversation stands, in the words of details, query, command line and metrics. */
export const PHASES = [
  'waiting',
  'placing',
  'unclear',
  'queued',
  'ringing',
  'in_progress',
  'redial_wait',
  'held',
  'ended',
] as const;
export type Phase = (typeof PHASES)[number];

/** The updates a person may send, by their public names. */
export const STEPS = ['redialNow', 'reschedule', 'stop', 'resolve'] as const;
export type Step = (typeof STEPS)[number];

/** News of a call, as the webhook bridge signals it. */
export interface CallEvent {
  /** The vendor's event type, such as `call.ended`. */
  readonly event: string;
  readonly deliveryId?: string;
  /** Known where the delivery carries our reference. */
  readonly attempt?: number;
  /** The vendor's own id, where the delivery tells it from the carrier's. */
  readonly callId?: string;
  /** The vendor's and the carrier's ids of the call, the vendor's first. */
  readonly ids: readonly string[];
  /** Of the number called, where the delivery shows one and carries our reference. */
  readonly numberDigest?: string;
  /** ISO 8601, by the bridge's clock. */
  readonly receivedAt: string;
  /** The vendor's or carrier's raw word for how it ended. */
  readonly reason?: string;
  /** Only of a call that ended and whose record is complete; without it the event is a nudge to read. */
  readonly call?: CallRecord;
}

/** How it was established that a call exists. */
export type PlacedBy = 'response' | 'listing' | 'webhook' | 'resolve';
/** How its ending was learned. */
export const LEARNED_BY = ['webhook', 'poll', 'resolve'] as const;
export type LearnedBy = (typeof LEARNED_BY)[number];

/** One attempt, as result and query tell it. An open one has neither `outcome` nor `endedAt`. */
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
  /** The vendor's raw word, where it gave one. */
  readonly reason?: string;
  /** Why a person should look at it; absent when there is nothing. */
  readonly flags?: readonly Flag[];
}

/** What became of an asked-for cancellation. The vendor has no hang-up: a live call runs to its end. */
export type Cancellation = 'prevented' | 'too_late' | 'unknown';

/** The result of `OutboundCallWorkflow`. */
export interface CallResult {
  readonly outcome: Outcome;
  /** Of the deciding attempt; absent when nothing was placed. */
  readonly callId?: string;
  readonly cancellation?: Cancellation;
  readonly attempts: readonly AttemptReport[];
  /** The deciding attempt's call; absent when nothing was placed. */
  readonly call?: CallRecord;
}

/** The answer of the query `getCall` and of every update. */
export interface CallView {
  readonly workflowId: string;
  readonly phase: Phase;
  /** ISO 8601: since when this phase lasts. */
  readonly since: string;
  /** One sentence. */
  readonly because: string;
  readonly attempt: number;
  /** ISO 8601: when it goes on by itself. */
  readonly nextAt?: string;
  readonly callId?: string;
  readonly outcome?: Outcome;
  readonly attempts: readonly AttemptReport[];
  /** The updates that would be taken now. */
  readonly can: readonly Step[];
}

/** What a person asks for with `reschedule`: ISO 8601 with an offset; at least one of the two. */
export interface Reschedule {
  readonly notBefore?: string;
  readonly expiresAt?: string;
}

/** What a person knows of an unclear attempt. */
export type Resolution =
  | { readonly dialled: true; readonly callId: string; readonly reason?: string }
  | { readonly dialled: false; readonly reason?: string };

/** Why no further attempt is wanted. */
export interface Stop {
  readonly reason?: string;
}
