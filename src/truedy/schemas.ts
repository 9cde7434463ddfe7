import { createHash } from 'node:crypto';
import { z } from 'zod';
import { REFERENCE_VARIABLE } from '../call/attempt';
import { foldWord } from '../call/outcome';
import type { CallRecord, CallStatus, CutTranscript } from '../call/snapshot';
import type { TruedyCall } from './client';

/** A transcript over this many bytes of JSON is told by size and digest: history is no archive. */
const MAX_TRANSCRIPT_BYTES = 32 * 1024;

/** Ids are opaque; this covers every documented form and nothing that changes a path. */
export const CALL_ID = /^[A-Za-z0-9_-]{1,128}$/;

export const callIdSchema = z.string().regex(CALL_ID);

// The guide's words, the reference's, and both spellings of "cancelled". A Map, since an object would
// know the word "constructor".
const STATUS_WORDS: ReadonlyMap<string, CallStatus> = new Map([
  ['queued', 'queued'],
  ['ringing', 'ringing'],
  ['in_progress', 'in_progress'],
  ['ended', 'ended'],
  ['completed', 'ended'],
  ['failed', 'failed'],
  ['cancelled', 'cancelled'],
  ['canceled', 'cancelled'],
]);

// A field of a wrong type is as good as absent: an ending must not be lost to it.
const text = z.string().nullable().catch(null).default(null);
const object = z.record(z.string(), z.unknown()).nullable().catch(null).default(null);
const id = callIdSchema.nullable().catch(null).default(null);
const status = text.transform((word) =>
  word === null ? null : (STATUS_WORDS.get(foldWord(word)) ?? null),
);
const seconds = z.number().min(0).max(1e6).nullable().catch(null).default(null);
// Naive times are UTC: the vendor's backend writes them without a zone.
const instant = text.transform((told) => {
  if (told === null) return null;
  const ms = Date.parse(/(?:Z|[+-]\d{2}:?\d{2})$/i.test(told) ? told : `${told}Z`);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
});
const transcript = z.unknown().optional().transform(cutTranscript);
const sip = z.object({ terminationReason: text }).nullable().catch(null).default(null);

/** The fields of a call in every dialect: guide, reference pages, and the provider's own object. */
const fields = z.object({
  id,
  call_id: id,
  callId: id,
  ultravox_call_id: id,
  status,
  agent_id: text,
  phone_number: text,
  to_number: text,
  to: text,
  from_number: text,
  from: text,
  duration_seconds: seconds,
  outcome: text,
  summary: text,
  transcript,
  recording_url: text,
  created_at: instant,
  started_at: instant,
  ended_at: instant,
  completed_at: instant,
  end_reason: text,
  endReason: text,
  sipDetails: sip,
  variables: object,
  context: object,
  metadata: object,
});
type Fields = z.infer<typeof fields>;

/** A call as a read, a listing or the answer to `POST /calls` shows it. */
export const callSchema = fields.transform((told, context): TruedyCall => {
  const [callId, ...otherIds] = idsOf(told);
  if (callId === undefined) {
    context.addIssue({ code: 'custom', message: 'has no call id' });
    return z.NEVER;
  }
  return {
    callId,
    otherIds,
    phoneNumber: told.phone_number ?? told.to_number ?? told.to,
    reference: referenceIn([told.variables, told.context, told.metadata]),
    reason: reasonOf(told),
    record: toRecord(told, callId),
  };
});

/** Bare, or in the `data` envelope: both styles live on the vendor's host. */
export const callAnswerSchema = z.preprocess(unwrap, callSchema);

/** A page of calls. One malformed row makes the whole page worthless as evidence. */
export const listAnswerSchema = z.preprocess(unwrap, z.array(callSchema));

/** The fields of a call as a delivery's `data` holds them. */
export const callFields = fields;

export function toRecord(told: Fields, callId: string | null): CallRecord {
  return {
    id: callId,
    status: told.status,
    agent_id: told.agent_id,
    from_number: told.from_number ?? told.from,
    duration_seconds: told.duration_seconds,
    outcome: told.outcome,
    summary: told.summary,
    transcript: told.transcript,
    recording_url: told.recording_url,
    created_at: told.created_at,
    started_at: told.started_at,
    ended_at: told.ended_at ?? told.completed_at,
  };
}

/** The carrier's reason is the more exact one. */
export function reasonOf(told: Fields): string | null {
  return told.sipDetails?.terminationReason ?? told.end_reason ?? told.endReason;
}

/** Our reference, wherever it is echoed. */
export function referenceIn(
  places: readonly (Readonly<Record<string, unknown>> | null)[],
): string | null {
  const found = places.map((place) => place?.[REFERENCE_VARIABLE]);
  return found.find((value) => typeof value === 'string') ?? null;
}

// --- internal ---

function idsOf(told: Fields): string[] {
  const ids = [told.id, told.call_id, told.callId, told.ultravox_call_id];
  return [...new Set(ids.filter((one) => one !== null))];
}

function unwrap(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('data' in body)) return body;
  return typeof body.data === 'object' && body.data !== null ? body.data : body;
}

function cutTranscript(told: unknown): unknown {
  if (told === undefined || told === null) return null;
  const json = JSON.stringify(told);
  const bytes = Buffer.byteLength(json);
  if (bytes <= MAX_TRANSCRIPT_BYTES) return told;
  const sha256 = createHash('sha256').update(json).digest('hex');
  return { truncated: true, bytes, sha256 } satisfies CutTranscript;
}
