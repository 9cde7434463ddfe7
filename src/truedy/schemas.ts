import { createHash } from 'node:crypto';
import { z } from 'zod';
import { REFERENCE_VARIABLE } from '../call/dial-request';
import { normalizeWord } from '../call/outcome';
import { isCallId, type CallStatus, type CutTranscript } from '../call/call-record';
import { cutToBytes } from '../call/text/characters';
import { parseInstantMs } from './parse-instant';
import type { TruedyCall } from './truedy-call';

/** Larger transcripts are replaced by their size and digest, because history is not an archive. */
const MAX_TRANSCRIPT_BYTES = 32 * 1024;
/** Call records travel in signals and results, which Temporal limits to 2 MB. */
const MAX_SUMMARY_BYTES = 32 * 1024;
const MAX_URL_LENGTH = 4_096;
const MAX_WORD_LENGTH = 256;

export const callIdSchema = z.string().refine(isCallId);

// The words of the guide and of the API reference, and both spellings of "cancelled". A Map, because an object
// literal would also match "constructor".
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

// A field of the wrong type is treated as absent, so that it cannot hide how the call ended.
const text = textUpTo(MAX_WORD_LENGTH);
const object = z.record(z.string(), z.unknown()).nullable().catch(null).default(null);
const id = callIdSchema.nullable().catch(null).default(null);
const status = text.transform((word) =>
  word === null ? null : (STATUS_WORDS.get(normalizeWord(word)) ?? null),
);
const seconds = z.number().min(0).max(1e6).nullable().catch(null).default(null);
const instant = text.transform((value) => {
  if (value === null) return null;
  const ms = parseInstantMs(value);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
});
const summary = z
  .string()
  .nullable()
  .catch(null)
  .default(null)
  .transform((value) => (value === null ? null : cutToBytes(value, MAX_SUMMARY_BYTES)));
const transcript = z.unknown().optional().transform(cutTranscript);
const sip = z.object({ terminationReason: text }).nullable().catch(null).default(null);

/** The fields of a call record, apart from its id. */
const recordFields = z.object({
  status,
  agent_id: text,
  from_number: text,
  duration_seconds: seconds,
  outcome: text,
  summary,
  transcript,
  recording_url: textUpTo(MAX_URL_LENGTH),
  created_at: instant,
  started_at: instant,
  ended_at: instant,
});

/** Everything else that is read from a call, in every documented format: guide, API reference and voice provider. */
const otherFields = z.object({
  id,
  call_id: id,
  callId: id,
  ultravox_call_id: id,
  phone_number: text,
  to_number: text,
  to: text,
  from: text,
  completed_at: instant,
  end_reason: text,
  endReason: text,
  sipDetails: sip,
  variables: object,
  context: object,
  metadata: object,
});

/** A call in the response to a read, a listing or `POST /calls`. */
export const callSchema = z.looseObject({}).transform((row, context): TruedyCall => {
  // The first id given must be valid: another one beside it may be the carrier's, which cannot be read.
  const own = callIdSchema.safeParse(row.id ?? row.call_id ?? row.callId);
  if (!own.success) {
    context.addIssue({ code: 'custom', path: ['id'], message: 'is not a call id' });
    return z.NEVER;
  }
  const callId = own.data;
  const { ids, phoneNumber, reference, reason, record } = parseCall(row);
  const otherIds = Object.values(ids)
    .filter(isCallId)
    .filter((one) => one !== callId);
  return {
    callId,
    otherIds: [...new Set(otherIds)],
    phoneNumber,
    reference,
    reason,
    record: { id: callId, ...record },
  };
});

/** Bare, or in a `data` envelope: Truedy's host serves both. */
export const callAnswerSchema = z.preprocess(unwrap, callSchema);

/** A page of calls. A malformed row fails the whole page, because the page would prove nothing. */
export const listAnswerSchema = z.preprocess(unwrap, z.array(callSchema));

/** Reads a call from a response, or from the `data` of a delivery. */
export function parseCall(row: unknown) {
  const record = recordFields.parse(row);
  const other = otherFields.parse(row);
  const { id, call_id, callId, ultravox_call_id, variables, context, metadata } = other;
  return {
    ids: { id, call_id, callId, ultravox_call_id },
    phoneNumber: other.phone_number ?? other.to_number ?? other.to,
    reference: referenceIn([variables, context, metadata]),
    // The carrier's reason is the more specific one.
    reason: other.sipDetails?.terminationReason ?? other.end_reason ?? other.endReason,
    record: {
      ...record,
      from_number: record.from_number ?? other.from,
      ended_at: record.ended_at ?? other.completed_at,
    },
  };
}

/** Our reference, from the first object that echoes it. */
export function referenceIn(
  objects: readonly (Readonly<Record<string, unknown>> | null)[],
): string | null {
  const found = objects.map((one) => one?.[REFERENCE_VARIABLE]);
  return found.find((value) => typeof value === 'string') ?? null;
}

// --- internal ---

function unwrap(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('data' in body)) return body;
  return typeof body.data === 'object' && body.data !== null ? body.data : body;
}

/** Treats a longer text as absent: it is not what the field is for. */
function textUpTo(length: number) {
  return z.string().max(length).nullable().catch(null).default(null);
}

function cutTranscript(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  const json = toJson(value);
  if (json === undefined) return null;
  const bytes = Buffer.byteLength(json);
  if (bytes <= MAX_TRANSCRIPT_BYTES) return value;
  const sha256 = createHash('sha256').update(json).digest('hex');
  return { truncated: true, bytes, sha256 } satisfies CutTranscript;
}

/** `undefined` for a value that is nested too deeply to serialize, although it could be parsed. */
function toJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
