import { createHash } from 'node:crypto';
import { z } from 'zod';
import { REFERENCE_VARIABLE } from '../call/dial-request';
import { foldWord } from '../call/outcome';
import type { CallRecord, CallStatus, CutTranscript } from '../call/call-record';
import { cutToBytes } from '../call/text/masking';
import { instantMs } from './parse-instant';
import type { TruedyCall } from './truedy-call';

/** A transcript over this many bytes of JSON is told by size and digest: history is no archive. */
const MAX_TRANSCRIPT_BYTES = 32 * 1024;

/** What is said of a call travels in signals and results, which Temporal takes up to 2 MB. */
const MAX_SUMMARY_BYTES = 32 * 1024;
const MAX_URL_LENGTH = 4_096;
const MAX_WORD_LENGTH = 256;

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
const text = textUpTo(MAX_WORD_LENGTH);
const object = z.record(z.string(), z.unknown()).nullable().catch(null).default(null);
const id = callIdSchema.nullable().catch(null).default(null);
const status = text.transform((word) =>
  word === null ? null : (STATUS_WORDS.get(foldWord(word)) ?? null),
);
const seconds = z.number().min(0).max(1e6).nullable().catch(null).default(null);
const instant = text.transform((told) => {
  if (told === null) return null;
  const ms = instantMs(told);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
});
const summary = z
  .string()
  .nullable()
  .catch(null)
  .default(null)
  .transform((told) => (told === null ? null : cutToBytes(told, MAX_SUMMARY_BYTES)));
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
  summary,
  transcript,
  recording_url: textUpTo(MAX_URL_LENGTH),
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
export const callSchema = z.looseObject({}).transform((row, context): TruedyCall => {
  // The first id given must be usable: another one beside it may be the carrier's, which reads nothing.
  const own = callIdSchema.safeParse(row.id ?? row.call_id ?? row.callId);
  if (!own.success) {
    context.addIssue({ code: 'custom', path: ['id'], message: 'is no call id' });
    return z.NEVER;
  }
  const callId = own.data;
  const told = fields.parse(row);
  return {
    callId,
    otherIds: idsOf(told).filter((one) => one !== callId),
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

/** A longer text is no word, and as good as absent. */
function textUpTo(length: number) {
  return z.string().max(length).nullable().catch(null).default(null);
}

function cutTranscript(told: unknown): unknown {
  if (told === undefined || told === null) return null;
  const json = toJson(told);
  if (json === undefined) return null;
  const bytes = Buffer.byteLength(json);
  if (bytes <= MAX_TRANSCRIPT_BYTES) return told;
  const sha256 = createHash('sha256').update(json).digest('hex');
  return { truncated: true, bytes, sha256 } satisfies CutTranscript;
}

/** `undefined` for what is nested too deep to be written again, although it could be read. */
function toJson(told: unknown): string | undefined {
  try {
    return JSON.stringify(told);
  } catch {
    return undefined;
  }
}
