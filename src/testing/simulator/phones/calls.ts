import type { Plan } from '../script/script';
import type { Ending } from './scenario';

export type GuideStatus = 'queued' | 'ringing' | 'in-progress' | 'ended' | 'failed' | 'cancelled';

/** What a request asked for, as it was given. */
export interface CallOrder {
  readonly agentId: string;
  readonly phoneNumber: string;
  readonly fromNumber: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** `variables.temporal_ref`, by which tests tell attempts apart. To the vendor it is a variable like any other. */
  readonly reference: string | null;
}

/** One call as the vendor's system holds it: the truth, whatever the API makes of it. */
export interface SimulatedCall {
  readonly callId: string;
  /** The carrier's id. */
  readonly carrierId: string;
  readonly order: CallOrder;
  readonly plan: Plan;
  readonly createdAtMs: number;
  status: GuideStatus;
  /** The vendor's row says failed, whatever the phone does. */
  saysFailed: boolean;
  startedAtMs: number | null;
  endedAtMs: number | null;
  durationSeconds: number | null;
  ending: Ending | null;
  readonly reads: { total: number; afterEnd: number; failed: number };
}

/** All calls, oldest first. */
export interface Calls {
  add(call: SimulatedCall): void;
  find(callId: string): SimulatedCall | undefined;
  all(): readonly SimulatedCall[];
}

export function createCalls(): Calls {
  const byId = new Map<string, SimulatedCall>();
  const all: SimulatedCall[] = [];
  return {
    add(call) {
      byId.set(call.callId, call);
      all.push(call);
    },
    find: (callId) => byId.get(callId.replace(TWIN_ENDING, '')),
    all: () => all,
  };
}

const TWIN_ENDING = /_twin$/;

/** The id of a second row for the same call. */
export function toTwinId(callId: string): string {
  return `${callId}_twin`;
}

/** What the vendor's row holds: where it says failed wrongly, nothing of what the phone did. */
export function toRow(call: SimulatedCall): SimulatedCall {
  if (!call.saysFailed) return call;
  return {
    ...call,
    status: 'failed',
    startedAtMs: null,
    endedAtMs: null,
    durationSeconds: null,
    ending: null,
  };
}

export function isOver(call: SimulatedCall): boolean {
  return call.endedAtMs !== null;
}

/** The conversation a reference belongs to: attempts of one share what precedes the `#`. */
export function conversationOf(reference: string | null): string | null {
  return reference === null ? null : reference.replace(/#\d+$/, '');
}
