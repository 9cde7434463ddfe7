import type { CallBody } from '../../src/call/input';
import type { AttemptReport, CallResult } from '../../src/call/api-types';
import type { DrawnCall } from './draw-call';

/** One POST as the vendor got it. */
export interface Post {
  readonly seq: number;
  readonly ref: string;
  readonly atMs: number;
  /** `null`: no answer was given. */
  readonly status: number | null;
  /** The fault it met; absent where it met none, or was turned away before. */
  readonly fault?: string;
  readonly body: string;
  readonly key: string | undefined;
}

/** One phone that rang, from the ledger's file. */
export interface Dial {
  readonly ref: string;
  readonly atMs: number;
  readonly postNo: number;
  readonly callId: string;
}

/** What the phone of one call really did. */
export interface Truth {
  readonly callId: string;
  readonly endedMs?: number;
}

export interface Delivered {
  readonly callId: string;
  readonly event: string;
  readonly atMs: number;
  readonly status: number | null;
}

/** One `GET` of a call. */
export interface ReadFact {
  readonly callId: string;
  readonly atMs: number;
  readonly status: number | null;
}

/** How one run closed. */
export interface Ending {
  readonly runId: string;
  readonly closedMs: number;
  readonly result?: CallResult;
  readonly failure?: {
    /** `untyped` where it has none. */
    readonly type: string;
    readonly message: string;
    readonly attempts: readonly AttemptReport[];
  };
}

/** What somebody did, and what came back. */
export interface Deed {
  readonly what: string;
  readonly atMs: number;
  /** Of a word about a dial: which attempt, and what was said. */
  readonly attempt?: number;
  readonly said?: 'dialed' | 'not_dialed';
  /** Whether the ledger showed something else at that moment. */
  readonly isLie?: boolean;
  readonly answeredMs?: number;
  /** `taken`, the type of the refusal, `closed`, or `away`: the server did not answer. Absent: nothing came. */
  readonly answer?: string;
}

/** One activity of a run, from its history. */
export interface ActivityFact {
  readonly reference: string;
  readonly scheduledMs: number;
  readonly closedMs?: number;
  /** The number of the dispatch that was answered, or the last one. */
  readonly dispatch: number;
  readonly how: 'open' | 'completed' | 'timed_out' | 'failed' | 'canceled';
}

export interface HistoryFacts {
  readonly places: readonly ActivityFact[];
  readonly finds: readonly ActivityFact[];
  /** Workflow tasks that the worker's own code failed. */
  readonly taskFailures: readonly string[];
}

/** A disaster as it was. */
export interface Blow {
  readonly what: string;
  readonly atMs: number;
  readonly untilMs: number;
}

/** Everything the judge knows of one conversation. */
export interface Case {
  readonly index: number;
  readonly workflowId: string;
  readonly drawn: DrawnCall;
  /** The body of its requests, but for the reference. */
  readonly call: CallBody;
  readonly startedMs: number;
  readonly notBeforeMs?: number;
  readonly expiresMs?: number;
  /** How long it may take at most, by what was asked for. */
  readonly boundMs: number;
  /** When it was given up, still open. */
  readonly openAtMs?: number;
  /** What it waited for then, as Temporal describes it. */
  readonly openAs?: string;
  /** Of each run that closed by itself, oldest first. */
  readonly endings: readonly Ending[];
  readonly deeds: readonly Deed[];
  readonly history?: HistoryFacts;
  readonly posts: readonly Post[];
  readonly dials: readonly Dial[];
  readonly truths: readonly Truth[];
  readonly deliveries: readonly Delivered[];
  readonly reads: readonly ReadFact[];
  readonly blows: readonly Blow[];
  /** Whether reads were answered in the dialect without outcomes at any time of it. */
  readonly isDataRead: boolean;
}

export type Category = 'doubled' | 'lost' | 'stuck' | 'wrong';

export interface Violation {
  readonly category: Category;
  readonly what: string;
}

export function lost(what: string): Violation {
  return { category: 'lost', what };
}

export function wrong(what: string): Violation {
  return { category: 'wrong', what };
}

export function attemptOf(ref: string): number {
  return Number(ref.slice(ref.lastIndexOf('#') + 1));
}
