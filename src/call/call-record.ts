/** The statuses of a call, as results spell them. Every vendor spelling is mapped to one of them. */
export const CALL_STATUSES = [
  'queued',
  'ringing',
  'in_progress',
  'ended',
  'failed',
  'cancelled',
] as const;
export type CallStatus = (typeof CALL_STATUSES)[number];

/** Call ids are opaque. This pattern covers every documented format, and nothing that changes the path of a URL. */
const CALL_ID = /^[A-Za-z0-9_-]{1,128}$/;

export function isCallId(value: unknown): value is string {
  return typeof value === 'string' && CALL_ID.test(value);
}

/** Replaces a transcript that is too long for history with its size and digest. */
export interface CutTranscript {
  readonly truncated: true;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * One call as Truedy reports it, with the field names of Truedy's guide. Fields that it does not report are `null`.
 * It never contains the number called or the variables, because signals and results contain it.
 */
export interface CallRecord {
  readonly id: string | null;
  readonly status: CallStatus | null;
  readonly agent_id: string | null;
  readonly from_number: string | null;
  readonly duration_seconds: number | null;
  readonly outcome: string | null;
  readonly summary: string | null;
  /** As Truedy sends it: text, turns or an object. Over 32 KiB of JSON, only its size and digest. */
  readonly transcript: unknown;
  readonly recording_url: string | null;
  readonly created_at: string | null;
  readonly started_at: string | null;
  readonly ended_at: string | null;
}

/** The record of a call about which nothing is known. */
export const NOTHING_KNOWN: CallRecord = {
  id: null,
  status: null,
  agent_id: null,
  from_number: null,
  duration_seconds: null,
  outcome: null,
  summary: null,
  transcript: null,
  recording_url: null,
  created_at: null,
  started_at: null,
  ended_at: null,
};

const RANK: Readonly<Record<CallStatus, number>> = {
  queued: 0,
  ringing: 1,
  in_progress: 2,
  ended: 3,
  failed: 3,
  cancelled: 3,
};

/**
 * The record after a report from any source. The status only moves forward, the first terminal status is final,
 * and every other field is set once. Fields that only an ended call has are taken only from a report of an ended
 * call: a vendor may show a duration of 0 while a phone still rings.
 */
export function mergeReport(known: CallRecord, report: CallRecord): CallRecord {
  const final = hasEnded(report) ? report : NOTHING_KNOWN;
  return {
    id: known.id ?? report.id,
    status: isAhead(report.status, known.status) ? report.status : known.status,
    agent_id: known.agent_id ?? report.agent_id,
    from_number: known.from_number ?? report.from_number,
    duration_seconds: known.duration_seconds ?? final.duration_seconds,
    outcome: known.outcome ?? final.outcome,
    summary: known.summary ?? final.summary,
    transcript: known.transcript ?? final.transcript,
    recording_url: known.recording_url ?? final.recording_url,
    created_at: known.created_at ?? report.created_at,
    started_at: known.started_at ?? report.started_at,
    ended_at: known.ended_at ?? final.ended_at,
  };
}

export function hasEnded(call: CallRecord): boolean {
  return call.status !== null && RANK[call.status] === RANK.ended;
}

/** Whether the reported status is later in the life of a call than the known one. */
export function isAhead(reported: CallStatus | null, known: CallStatus | null): boolean {
  return rank(reported) > rank(known);
}

/** Whether a delivery needs no confirming read: a terminal status, and a field that only an ended call has. */
export function isCompleteEnding(call: CallRecord): boolean {
  return (
    hasEnded(call) &&
    (call.duration_seconds !== null || call.outcome !== null || call.ended_at !== null)
  );
}

/** Whether the transcript or summary is available, for which `completion.artifacts` waits. */
export function hasArtifacts(call: CallRecord): boolean {
  return call.transcript !== null || call.summary !== null;
}

// --- internal ---

function rank(status: CallStatus | null): number {
  return status === null ? -1 : RANK[status];
}
