import { toRequestId } from './responses';
import { toIso } from '../phones/clock';
import { toRow, toTwinId, type GuideStatus, type SimulatedCall } from '../phones/calls';
import type { Dialect } from '../script/script';

/** How one reading of a call differs from the truth. */
export interface Shown {
  readonly nowMs: number;
  readonly echo: boolean;
  readonly status?: string | undefined;
  readonly number?: string | undefined;
  readonly twin?: boolean;
}

type Json = Readonly<Record<string, unknown>>;

/** The answer to `POST /calls`. */
export function placedBody(call: SimulatedCall, dialect: Dialect, shown: Shown): Json {
  if (dialect === 'guide') return guideCall(call, shown);
  const { id, agent_id, status, from_number, to_number, direction, created_at } = dataCall(
    call,
    shown,
  );
  // This page says `timestamp` where the others say `ts`.
  const meta = { request_id: toRequestId(), timestamp: toIso(shown.nowMs) };
  return {
    data: { id, agent_id, status, from_number, to_number, direction, created_at },
    meta,
  };
}

/** The answer to `GET /calls/:id`. */
export function readBody(held: SimulatedCall, dialect: Dialect, shown: Shown): Json {
  const call = toRow(held);
  if (dialect === 'data') {
    const { to_number, from_number, completed_at, ...rest } = dataCall(call, shown);
    const data = { ...rest, to: to_number, from: from_number, ended_at: completed_at };
    return { data, meta: { request_id: toRequestId(), ts: toIso(shown.nowMs) } };
  }
  return { ...guideCall(call, shown), ...resultOf(call, shown) };
}

/** One row of `GET /calls`. */
export function rowBody(call: SimulatedCall, dialect: Dialect, shown: Shown): Json {
  return dialect === 'data' ? dataCall(toRow(call), shown) : readBody(call, 'guide', shown);
}

function guideCall(call: SimulatedCall, shown: Shown): Json {
  const { order } = call;
  const artifacts = artifactsOf(call, shown.nowMs);
  return {
    id: shown.twin === true ? toTwinId(call.callId) : call.callId,
    status: shown.status ?? call.status,
    direction: 'outbound',
    agent_id: order.agentId,
    phone_number: shown.number ?? order.phoneNumber,
    from_number: order.fromNumber,
    duration_seconds: call.durationSeconds,
    transcript: artifacts.transcript,
    recording_url: artifacts.recordingUrl,
    ...(shown.echo && { variables: order.variables }),
    created_at: toIso(call.createdAtMs),
    started_at: isoOrNull(call.startedAtMs),
    ended_at: isoOrNull(call.endedAtMs),
  };
}

function resultOf(call: SimulatedCall, shown: Shown): Json {
  return {
    outcome: call.ending?.outcome ?? null,
    summary: artifactsOf(call, shown.nowMs).summary,
    ...saidReason(call),
  };
}

const DATA_WORDS: Readonly<Record<GuideStatus, string>> = {
  queued: 'queued',
  ringing: 'ringing',
  'in-progress': 'in_progress',
  ended: 'completed',
  failed: 'failed',
  // The reference's list of statuses has no word for it.
  cancelled: 'failed',
};

function dataCall(call: SimulatedCall, shown: Shown): Json {
  const { order } = call;
  const artifacts = artifactsOf(call, shown.nowMs);
  const id = shown.twin === true ? toTwinId(call.callId) : call.callId;
  return {
    id,
    status: shown.status ?? DATA_WORDS[call.status],
    direction: 'outbound',
    agent_id: order.agentId,
    to_number: shown.number ?? order.phoneNumber,
    from_number: order.fromNumber,
    duration_seconds: call.durationSeconds,
    recording_url: artifacts.recordingUrl,
    transcript_url:
      artifacts.recordingUrl === null ? null : `https://api.truedy.ai/calls/${id}/transcript`,
    summary: artifacts.summary,
    cost_credits: call.durationSeconds === null ? null : Math.ceil(call.durationSeconds / 60),
    metadata: shown.echo ? order.variables : {},
    started_at: isoOrNull(call.startedAtMs),
    completed_at: isoOrNull(call.endedAtMs),
    created_at: toIso(call.createdAtMs),
    updated_at: toIso(call.endedAtMs ?? call.startedAtMs ?? call.createdAtMs),
    ...saidReason(call),
  };
}

/** What the vendor makes of a talk after it ended. */
function artifactsOf(call: SimulatedCall, nowMs: number) {
  const { endedAtMs, ending, plan, callId } = call;
  const isReady = endedAtMs !== null && nowMs >= endedAtMs + (plan.artifactsAfterMs ?? 0);
  if (!isReady || ending?.talked !== true) {
    return { transcript: null, summary: null, recordingUrl: null };
  }
  return {
    transcript: transcriptOf(plan.transcriptBytes ?? 0),
    summary: 'A short talk with a virtual phone.',
    recordingUrl: `https://recordings.truedy.ai/${callId}.mp3?signature=simulated`,
  };
}

function saidReason({ ending }: SimulatedCall): Json {
  return ending?.saidReason == null ? {} : { end_reason: ending.saidReason };
}

const TURNS = [
  { speaker: 'agent', text: 'Hello, this is a simulated call.', timestamp: 0.4 },
  { speaker: 'contact', text: 'Good to hear you.', timestamp: 3.1 },
] as const;

function transcriptOf(bytes: number): readonly Json[] {
  if (bytes === 0) return TURNS;
  const text = 'word '.repeat(180).trim();
  const turns = Math.ceil(bytes / JSON.stringify({ speaker: 'agent', text, timestamp: 0 }).length);
  return Array.from({ length: turns }, (_, turn) => ({
    speaker: turn % 2 === 0 ? 'agent' : 'contact',
    text,
    timestamp: turn,
  }));
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : toIso(ms);
}
