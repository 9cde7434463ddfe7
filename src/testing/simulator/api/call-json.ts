import { metaAt, toRequestId } from './responses';
import { toIso, toIsoOrNull } from '../phones/clock';
import { toRow, toTwinId, type GuideStatus, type SimulatedCall } from '../phones/calls';
import type { CallScript, Dialect } from '../script/script';

/** What one response shows of a call, possibly unlike its true state. */
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
  const data = dataCall(call, shown);
  const { id, agent_id, status, from_number, to_number, direction, created_at } = data;
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
    return { data, meta: metaAt(shown.nowMs) };
  }
  return { ...guideCall(call, shown), ...resultOf(call, shown) };
}

/** One row of `GET /calls`. */
export function rowBody(call: SimulatedCall, dialect: Dialect, shown: Shown): Json {
  return dialect === 'data' ? dataCall(toRow(call), shown) : readBody(call, 'guide', shown);
}

function guideCall(call: SimulatedCall, shown: Shown): Json {
  const { request } = call;
  const artifacts = artifactsOf(call, shown.nowMs);
  return {
    id: shown.twin === true ? toTwinId(call.callId) : call.callId,
    status: shown.status ?? call.status,
    direction: 'outbound',
    agent_id: request.agentId,
    phone_number: shown.number ?? request.phoneNumber,
    from_number: request.fromNumber,
    duration_seconds: call.durationSeconds,
    transcript: artifacts.transcript,
    recording_url: artifacts.recordingUrl,
    ...(shown.echo && { variables: request.variables }),
    created_at: toIso(call.createdAtMs),
    started_at: toIsoOrNull(call.startedAtMs),
    ended_at: toIsoOrNull(call.endedAtMs),
  };
}

function resultOf(call: SimulatedCall, shown: Shown): Json {
  return {
    outcome: call.ending?.outcome ?? null,
    summary: artifactsOf(call, shown.nowMs).summary,
    ...reportedReason(call),
  };
}

const DATA_WORDS: Readonly<Record<GuideStatus, string>> = {
  queued: 'queued',
  ringing: 'ringing',
  'in-progress': 'in_progress',
  ended: 'completed',
  failed: 'failed',
  // The API reference lists no such status.
  cancelled: 'failed',
};

function dataCall(call: SimulatedCall, shown: Shown): Json {
  const { request } = call;
  const artifacts = artifactsOf(call, shown.nowMs);
  const id = shown.twin === true ? toTwinId(call.callId) : call.callId;
  return {
    id,
    status: shown.status ?? DATA_WORDS[call.status],
    direction: 'outbound',
    agent_id: request.agentId,
    to_number: shown.number ?? request.phoneNumber,
    from_number: request.fromNumber,
    duration_seconds: call.durationSeconds,
    recording_url: artifacts.recordingUrl,
    transcript_url:
      artifacts.recordingUrl === null ? null : `https://api.truedy.ai/calls/${id}/transcript`,
    summary: artifacts.summary,
    cost_credits: call.durationSeconds === null ? null : Math.ceil(call.durationSeconds / 60),
    metadata: shown.echo ? request.variables : {},
    started_at: toIsoOrNull(call.startedAtMs),
    completed_at: toIsoOrNull(call.endedAtMs),
    created_at: toIso(call.createdAtMs),
    updated_at: toIso(call.endedAtMs ?? call.startedAtMs ?? call.createdAtMs),
    ...reportedReason(call),
  };
}

/** The transcript, summary and recording, once the vendor has made them. */
function artifactsOf(call: SimulatedCall, nowMs: number) {
  const { endedAtMs, ending, script, callId } = call;
  const isReady = endedAtMs !== null && nowMs >= endedAtMs + (script.artifactsAfterMs ?? 0);
  if (!isReady || ending?.talked !== true) {
    return { transcript: null, summary: null, recordingUrl: null };
  }
  return {
    transcript: transcriptOf(script),
    summary: script.summary ?? 'A short talk with a virtual phone.',
    recordingUrl: `https://recordings.truedy.ai/${callId}.mp3?signature=simulated`,
  };
}

function reportedReason({ ending }: SimulatedCall): Json {
  return ending?.reportedReason == null ? {} : { end_reason: ending.reportedReason };
}

const TURNS = [
  { speaker: 'agent', text: 'Hello, this is a simulated call.', timestamp: 0.4 },
  { speaker: 'contact', text: 'Good to hear you.', timestamp: 3.1 },
] as const;

function transcriptOf({ transcript, transcriptBytes: bytes = 0 }: CallScript): readonly Json[] {
  if (bytes === 0) {
    return transcript?.map((turn, index) => ({ ...turn, timestamp: index * 3 })) ?? TURNS;
  }
  const text = 'word '.repeat(180).trim();
  const turns = Math.ceil(bytes / JSON.stringify({ speaker: 'agent', text, timestamp: 0 }).length);
  return Array.from({ length: turns }, (_, turn) => ({
    speaker: turn % 2 === 0 ? 'agent' : 'contact',
    text,
    timestamp: turn,
  }));
}
