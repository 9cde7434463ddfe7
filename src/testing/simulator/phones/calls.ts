import type { CallScript } from '../script/script';
import type { Ending } from './scenario';

export type GuideStatus = 'queued' | 'ringing' | 'in-progress' | 'ended' | 'failed' | 'cancelled';

/** The content of a request. */
export interface SimulatedRequest {
  readonly agentId: string;
  readonly phoneNumber: string;
  readonly fromNumber: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** `variables.temporal_ref`, which identifies an attempt in tests. To Truedy it is a variable like any other. */
  readonly reference: string | null;
}

/** The true state of one call, whatever the API reports. */
export interface SimulatedCall {
  readonly callId: string;
  /** The carrier's id. */
  readonly carrierId: string;
  readonly request: SimulatedRequest;
  readonly script: CallScript;
  readonly createdAtMs: number;
  status: GuideStatus;
  /** Whether Truedy's row says `failed`, whatever the phone does. */
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

/** What a call contains until the phone has done anything. */
export const UNANSWERED = {
  startedAtMs: null,
  endedAtMs: null,
  durationSeconds: null,
  ending: null,
} as const;

/** Truedy's row of the call. If it wrongly says `failed`, it contains nothing that the phone did. */
export function toRow(call: SimulatedCall): SimulatedCall {
  if (!call.saysFailed) return call;
  return { ...call, ...UNANSWERED, status: 'failed' };
}

export function hasEnded(call: SimulatedCall): boolean {
  return call.endedAtMs !== null;
}

/** The conversation of a reference: its attempts share the part before the `#`. */
export function conversationOf(reference: string | null): string | null {
  return reference === null ? null : reference.replace(/#\d+$/, '');
}
