import type { RedialOutcome } from './outcome';

/**
 * What goes to Truedy, verbatim and in the vendor's spelling: exactly the body of `POST /calls`.
 *
 * @see truedy "Making outbound calls", request table
 */
export interface CallBody {
  readonly agent_id: string;
  /** E.164, such as `+14155550101`; never repaired. */
  readonly phone_number: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly from_number?: string;
  readonly call_settings?: {
    readonly recording_enabled?: boolean;
    readonly transcription_enabled?: boolean;
    readonly greeting?: string;
    /** Seconds and an `s`, such as `1800s`. */
    readonly max_duration?: string;
    /** Seconds and an `s`, such as `30s`. */
    readonly join_timeout?: string;
  };
}

/**
 * Whether an object carries this key unchanged. `__proto__` is the one that it does not: wherever an object
 * is copied by assignment, that key sets the prototype instead. `JSON.parse` reads all others as plain
 * keys, `constructor` too.
 */
export function isCarriedKey(key: string): boolean {
  return key !== '__proto__';
}

/** How the end of a call is learned: webhooks first with polling as the net, or polling alone. */
export type CompletionMode = 'webhook' | 'poll';

/** The hours in which a phone may ring, at the place of the person called. */
export interface CallWindow {
  /** An IANA name of the form `Area/Location`, such as `America/New_York`, or `UTC`. */
  readonly timeZone: string;
  /** 1 is Monday, 7 is Sunday. Absent: every day. */
  readonly days?: readonly number[];
  /** `HH:MM`, inclusive. */
  readonly from: string;
  /** `HH:MM`, exclusive, and after `from`. */
  readonly to: string;
}

/** The one argument of `OutboundCallWorkflow`. Durations are text such as `30s`, `5m`, `2h`, `1d`. */
export interface OutboundCallInput {
  readonly call: CallBody;
  readonly completion?: {
    readonly mode?: CompletionMode;
    /** How long after the last news by webhook the polling begins, 0s to 1h. Default 5m. */
    readonly grace?: string;
    /** 5s to 1h. Default 30s. */
    readonly pollEvery?: string;
    /** How long after the end to go on reading for transcript and summary, 0s to 10m. Default 0s. */
    readonly artifacts?: string;
  };
  readonly redial?: {
    /** 1 to 20. Default 1: no redial. */
    readonly maxAttempts?: number;
    /** Delays of 1m to 30d by outcome; a short list repeats its last one. */
    readonly after?: Readonly<Partial<Record<RedialOutcome, readonly string[]>>>;
  };
  readonly window?: CallWindow;
  /** ISO 8601 with an offset. */
  readonly notBefore?: string;
  /** ISO 8601 with an offset; bounds the sending of a request, not the talking. */
  readonly expiresAt?: string;
  readonly placement?: {
    /** How long an unclear request is left alone before the listing is believed, 90s to 1h. */
    readonly settle?: string;
  };
  /** Ours alone, never sent to Truedy. `campaign` becomes the search attribute `TruedyCampaign`. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** One fault of an input: where, and what is wrong. Values are never repeated: they may be personal. */
export interface InputFault {
  /** Dotted, with `[1]` for places in a list: `redial.after.busy[1]`. */
  readonly path: string;
  readonly problem: string;
}

const ID_PREFIX = 'call/';

/** The workflow id of the conversation a caller names by its own key. */
export function toWorkflowId(key: string): string {
  return hasCallPrefix(key) ? key : `${ID_PREFIX}${key}`;
}

/** Whether our starter could have made this workflow id. Starters in other languages may choose others. */
export function hasCallPrefix(workflowId: string): boolean {
  return workflowId.startsWith(ID_PREFIX);
}
