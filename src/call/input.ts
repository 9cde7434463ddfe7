import type { RedialOutcome } from './outcome';

/**
 * The body of `POST /calls`, sent to Truedy unchanged and spelled as Truedy spells it.
 *
 * @see truedy "Making outbound calls", request table
 */
export interface CallBody {
  readonly agent_id: string;
  /** E.164, such as `+14155550101`. Never corrected automatically. */
  readonly phone_number: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly from_number?: string;
  readonly call_settings?: {
    readonly recording_enabled?: boolean;
    readonly transcription_enabled?: boolean;
    readonly greeting?: string;
    /** Seconds, such as `1800s`. */
    readonly max_duration?: string;
    /** Seconds, such as `30s`. */
    readonly join_timeout?: string;
  };
}

/**
 * Whether an object can contain this key. `__proto__` is the only exception: when an object is copied by assignment,
 * that key sets the prototype instead.
 */
export function isCarriedKey(key: string): boolean {
  return key !== '__proto__';
}

/** How the end of a call is detected: by webhooks with polling as a fallback, or by polling alone. */
export type CompletionMode = 'webhook' | 'poll';

/** Calling hours, in the recipient's time zone. */
export interface CallWindow {
  /** An IANA name of the form `Area/Location`, such as `America/New_York`, or `UTC`. */
  readonly timeZone: string;
  /** 1 (Monday) to 7 (Sunday). Default: every day. */
  readonly days?: readonly number[];
  /** `HH:MM`, inclusive. */
  readonly from: string;
  /** `HH:MM`, exclusive. Must be after `from`. */
  readonly to: string;
}

/** The input of `OutboundCallWorkflow`. Durations are strings such as `30s`, `5m`, `2h` or `1d`. */
export interface OutboundCallInput {
  readonly call: CallBody;
  readonly completion?: {
    readonly mode?: CompletionMode;
    /** How long after the last webhook event polling begins, 0s to 1h. Default 5m. */
    readonly grace?: string;
    /** Interval between reads, 5s to 1h. Default 30s. */
    readonly pollEvery?: string;
    /** How long to keep reading for transcript and summary after the call ended, 0s to 10m. Default 0s. */
    readonly artifacts?: string;
  };
  readonly redial?: {
    /** 1 to 20. Default 1: no redial. */
    readonly maxAttempts?: number;
    /** Delays of 1m to 30d for each outcome. The last delay of a list repeats. */
    readonly after?: Readonly<Partial<Record<RedialOutcome, readonly string[]>>>;
  };
  readonly window?: CallWindow;
  /** ISO 8601 with an offset. */
  readonly notBefore?: string;
  /** ISO 8601 with an offset. No request is sent after it; a live call is not cut off. */
  readonly expiresAt?: string;
  readonly placement?: {
    /** How long to wait before the listing is read for an unclear request, 90s to 1h. Default 330s. */
    readonly settle?: string;
  };
  /** Never sent to Truedy. `campaign` becomes the search attribute `TruedyCampaign`. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** One problem of an input. It never quotes values, which may be personal data. */
export interface InputProblem {
  /** The field, such as `redial.after.busy[1]`. */
  readonly path: string;
  readonly problem: string;
}

const ID_PREFIX = 'call/';

/** The workflow id for the caller's key. */
export function toWorkflowId(key: string): string {
  return hasCallPrefix(key) ? key : `${ID_PREFIX}${key}`;
}

/** The key that `toWorkflowId` made this workflow ID of. Any other ID is returned unchanged. */
export function toKey(workflowId: string): string {
  return hasCallPrefix(workflowId) ? workflowId.slice(ID_PREFIX.length) : workflowId;
}

/** Whether our starter could have created this workflow id. Starters in other languages may use any id. */
export function hasCallPrefix(workflowId: string): boolean {
  return workflowId.startsWith(ID_PREFIX);
}
