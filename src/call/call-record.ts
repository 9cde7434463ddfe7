/** The six statuses of a call, in the spelling of results; every dialect of the vendor folds into them. */
export const CALL_STATUSES = [
  'queued',
  'ringing',
  'in_progress',
  'ended',
  'failed',
  'cancelled',
] as const;
export type CallStatus = (typeof CALL_STATUSES)[number];

/** A transcript too long for history: its size and digest instead of its text. */
export interface CutTranscript {
  readonly truncated: true;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * One call as the vendor tells it, in the guide's spelling; what it does not tell is `null`.
 * It never holds the number or the variables, since it travels in signals and results.
 */
export interface CallRecord {
  readonly id: string | null;
  readonly status: CallStatus | null;
  readonly agent_id: string | null;
  readonly from_number: string | null;
  readonly duration_seconds: number | null;
  readonly outcome: string | null;
  readonly summary: string | null;
  /** As the vendor gives it: text, turns or an object; over 32 KiB of JSON only its size and digest. */
  readonly transcript: unknown;
  readonly recording_url: string | null;
  readonly created_at: string | null;
  readonly started_at: string | null;
  readonly ended_at: string | null;
}

/** A call of which nothing is known. */
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
 * What is known after the news, whatever its source: the status only moves forward, an ended call
 * stays as it ended, and every other field is filled once. What only an ended call has is taken from
 * news of an ending alone: a vendor may well show a duration of 0 while a phone still rings.
 */
export function advance(known: CallRecord, news: CallRecord): CallRecord {
  const ending = hasEnded(news) ? news : NOTHING_KNOWN;
  return {
    id: known.id ?? news.id,
    status: isAhead(news.status, known.status) ? news.status : known.status,
    agent_id: known.agent_id ?? news.agent_id,
    from_number: known.from_number ?? news.from_number,
    duration_seconds: known.duration_seconds ?? ending.duration_seconds,
    outcome: known.outcome ?? ending.outcome,
    summary: known.summary ?? ending.summary,
    transcript: known.transcript ?? ending.transcript,
    recording_url: known.recording_url ?? ending.recording_url,
    created_at: known.created_at ?? news.created_at,
    started_at: known.started_at ?? news.started_at,
    ended_at: known.ended_at ?? ending.ended_at,
  };
}

export function hasEnded(call: CallRecord): boolean {
  return call.status !== null && RANK[call.status] === RANK.ended;
}

/** Whether news is ahead of what is known: a status that was passed, or is known, is no change. */
export function isAhead(news: CallStatus | null, known: CallStatus | null): boolean {
  return rank(news) > rank(known);
}

/**
 * Whether a delivery is the fact and needs no confirming read: a terminal status, and something that
 * only an ended call has.
 */
export function isCompleteEnding(call: CallRecord): boolean {
  return (
    hasEnded(call) &&
    (call.duration_seconds !== null || call.outcome !== null || call.ended_at !== null)
  );
}

/** Whether transcript or summary is there: what `completion.artifacts` waits for. */
export function hasArtifacts(call: CallRecord): boolean {
  return call.transcript !== null || call.summary !== null;
}

function rank(status: CallStatus | null): number {
  return status === null ? -1 : RANK[status];
}
