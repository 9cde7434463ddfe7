import type { CallBody } from '../../src/call/input';
import type { AttemptReport, CallResult } from '../../src/call/api-types';
import type { CallScript } from '../../src/testing/simulator/script/script';
import type { DrawnCall } from './draw-call';

/** One POST as the vendor received it. */
export interface Post {
  readonly seq: number;
  readonly ref: string;
  readonly atMs: number;
  /** `null`: the vendor sent no answer. */
  readonly status: number | null;
  /** The fault that was applied. Absent if there was none, or if the request was refused before. */
  readonly fault?: string;
  readonly body: string;
  readonly key: string | undefined;
}

/** One dial, from the ledger's file. */
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
export interface RunEnd {
  readonly runId: string;
  readonly closedMs: number;
  readonly result?: CallResult;
  readonly failure?: {
    /** `untyped` if it has none. */
    readonly type: string;
    readonly message: string;
    readonly attempts: readonly AttemptReport[];
  };
}

/** An action of a person, and its answer. */
export interface Action {
  readonly name: string;
  readonly atMs: number;
  /** Only for `resolve`: the attempt, and the answer of the person. */
  readonly attempt?: number;
  readonly resolution?: 'dialed' | 'not_dialed';
  /** Whether the ledger contradicted the resolution at that moment. */
  readonly isFalse?: boolean;
  readonly answeredMs?: number;
  /** `accepted`, the error type, `closed`, or `unavailable`: the server did not answer. Absent: no answer at all. */
  readonly answer?: string;
}

/** One activity of a run, from its history. */
export interface ActivityFact {
  /** Of the attempt. A poll has the id of the call instead. */
  readonly reference: string;
  readonly scheduledMs: number;
  readonly closedMs?: number;
  /** The number of the dispatch that completed, or of the last one. */
  readonly dispatch: number;
  readonly how: 'open' | 'completed' | 'timed_out' | 'failed' | 'canceled';
}

/** A page of the listing. */
export interface FindFact extends ActivityFact {
  /** Rows with our reference and our number. */
  readonly matches: number;
  /** Whether nothing follows this page. */
  readonly isLast: boolean;
}

/** A workflow task that failed because of the workflow code. */
export interface TaskFailure {
  readonly message: string;
  readonly atMs: number;
}

/** Of the run whose result is judged. A second run of the id adds its `places` and its `taskFailures`. */
export interface HistoryFacts {
  readonly places: readonly ActivityFact[];
  readonly finds: readonly FindFact[];
  /** Absent in cases without polls. */
  readonly reads?: readonly ActivityFact[];
  readonly taskFailures: readonly TaskFailure[];
}

/** An incident that hits only connections, also those on which nothing was sent yet. */
export const CONNECTIONS_CLOSED = 'the vendor closes all connections, and refuses new ones';

/** A disaster that happened. */
export interface Incident {
  readonly text: string;
  readonly atMs: number;
  readonly untilMs: number;
}

/** All facts about one call. */
export interface Case {
  readonly index: number;
  readonly workflowId: string;
  readonly drawn: DrawnCall;
  /** The vendor's plan for each POST by its number, if the calls of one person share the plans. */
  readonly plans?: ReadonlyMap<number, CallScript>;
  /** The body of its requests, without the reference. */
  readonly call: CallBody;
  readonly startedMs: number;
  readonly notBeforeMs?: number;
  readonly expiresMs?: number;
  /** The longest time that it may take with its input. */
  readonly boundMs: number;
  /** When it was given up while still open. */
  readonly openAtMs?: number;
  /** What it waited for then, as Temporal describes it. */
  readonly openAs?: string;
  /** How each run closed, oldest first. Terminated runs are omitted. */
  readonly runEnds: readonly RunEnd[];
  readonly actions: readonly Action[];
  readonly history?: HistoryFacts;
  readonly posts: readonly Post[];
  readonly dials: readonly Dial[];
  readonly truths: readonly Truth[];
  readonly deliveries: readonly Delivered[];
  readonly reads: readonly ReadFact[];
  readonly incidents: readonly Incident[];
  /** Whether reads were answered in the dialect without outcomes at any time during the call. */
  readonly isDataRead: boolean;
}

/** The run whose result is judged. A second run of the same id only promises not to dial, and reports nothing of the first. */
export function judgedEnd({
  actions,
  runEnds,
}: Pick<Case, 'actions' | 'runEnds'>): RunEnd | undefined {
  return actions.some(({ name }) => name === 'again') ? runEnds[0] : runEnds.at(-1);
}

export type Category = 'doubled' | 'lost' | 'stuck' | 'wrong';

export interface Violation {
  readonly category: Category;
  readonly text: string;
}

export function lost(text: string): Violation {
  return { category: 'lost', text };
}

export function wrong(text: string): Violation {
  return { category: 'wrong', text };
}

export function attemptOf(ref: string): number {
  return Number(ref.slice(ref.lastIndexOf('#') + 1));
}
