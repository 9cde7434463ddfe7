import { z } from 'zod';
import { readReference } from '../call/dial-request';
import { isCarriedKey } from '../call/input';
import { normalizeWord } from '../call/outcome';
import { isCallId, NOTHING_KNOWN, type CallRecord } from '../call/call-record';
import { numberDigest } from './number-digest';
import { callIdSchema, parseCall, referenceIn } from './schemas';

/** One webhook delivery, normalized. */
export interface Delivery {
  /** Truedy's event type, with `call.completed` as `call.ended`. */
  readonly event: string;
  readonly deliveryId: string | null;
  readonly reference: string | null;
  /** Truedy's ids of the call come first, the carrier's last. */
  readonly ids: readonly string[];
  /** Digest of the number called; `null` unless the delivery shows both the number and our reference. */
  readonly numberDigest: string | null;
  readonly reason: string | null;
  readonly record: CallRecord;
}

/** Bodies with deeper nesting are not parsed. Documented ones stay far below. */
const MAX_DEPTH = 32;
/** A transcript turn has three or four keys in about 70 bytes, so a transcript of 1 MiB stays below this. */
const MAX_KEYS = 100_000;

const NOT_ABOUT_A_CALL = {
  reference: null,
  ids: [],
  numberDigest: null,
  reason: null,
  record: NOTHING_KNOWN,
} as const;

const text = z.string().max(256).nullable().catch(null).default(null);
const object = z.record(z.string(), z.unknown()).nullable().catch(null).default(null);
// Unlike any other field, an id with the wrong format makes the delivery unusable.
const strictId = callIdSchema.nullish();

/** The voice provider's call object, inside Truedy's envelope. */
const providerCall = z.object({
  callId: strictId,
  call_id: strictId,
  endReason: text,
  end_reason: text,
  sipDetails: z.object({ terminationReason: text }).nullable().catch(null).default(null),
  metadata: object,
  requestContext: object,
  variables: object,
  context: object,
});

const envelope = z.object({
  event: z.string().min(1).max(128),
  id: text,
  event_id: text,
  data: z.looseObject({ eventId: text, event_id: text }),
});

/** The fields of `data` that identify the call. */
const identity = z.object({
  call_id: strictId,
  callId: strictId,
  id: z.string().nullish(),
  call: providerCall.nullish(),
});

/**
 * Reads a delivery in any documented envelope. Returns `undefined` for an unusable one, such as a call event that
 * names its call neither by id nor by our reference.
 */
export function readDelivery(body: unknown): Delivery | undefined {
  const read = envelope.safeParse(body);
  if (!read.success || hasForbiddenKey(body)) return undefined;
  const { data } = read.data;
  const event = read.data.event === 'call.completed' ? 'call.ended' : read.data.event;
  const deliveryId = read.data.id ?? read.data.event_id ?? data.eventId ?? data.event_id;
  // Nothing else is used of an event that is not about a call, so nothing else needs to be valid.
  if (!normalizeWord(event).startsWith('call.')) return { event, deliveryId, ...NOT_ABOUT_A_CALL };
  const identified = identity.safeParse(data);
  if (!identified.success) return undefined;
  const { ids, phoneNumber, reason, record, ...shown } = parseCall(data);
  const { call, id } = identified.data;
  // In the guide's envelope `data` is the call itself. In the others `data.id` is the id of the event.
  const isCall = typeof data.status === 'string' || record.agent_id !== null;
  if (isCall && isText(id) && !isCallId(id)) return undefined;
  const ownId = identified.data.call_id ?? identified.data.callId ?? (isCall ? ids.id : null);
  const known = [ownId, ids.ultravox_call_id, call?.callId, call?.call_id].filter(isText);
  const reference =
    shown.reference ??
    referenceIn(call ? [call.metadata, call.requestContext, call.variables, call.context] : []);
  if (known.length === 0 && reference === null) return undefined;
  const carriers = call?.sipDetails?.terminationReason ?? call?.end_reason ?? call?.endReason;
  return {
    event,
    deliveryId: deliveryId ?? (isCall ? null : text.parse(id)),
    reference,
    ids: [...new Set(known)],
    numberDigest: digestOf(reference, phoneNumber),
    reason: carriers ?? reason,
    record: { id: ownId, ...record },
  };
}

/**
 * Whether a JSON text is worth parsing: not too deep, not too many keys, and no key twice in one object, of which
 * each parser would pick its own.
 */
export function isWorthParsing(json: string): boolean {
  const open: Set<string>[] = [];
  let keys = 0;
  let text = '';
  for (let index = 0; index < json.length; index += 1) {
    const character = json[index];
    if (character === '"') {
      const end = endOfString(json, index);
      text = json.slice(index, end + 1);
      index = end;
    } else if (character === '{' || character === '[') {
      if (open.push(new Set()) > MAX_DEPTH) return false;
    } else if (character === '}' || character === ']') open.pop();
    else if (character === ':' && (++keys > MAX_KEYS || !isNew(text, open.at(-1)))) return false;
  }
  return true;
}

// --- internal ---

/** The workflow gets this digest to compare, never the number. */
function digestOf(reference: string | null, number: string | null): string | null {
  const call = reference === null ? undefined : readReference(reference);
  return call === undefined || number === null ? null : numberDigest(call, number);
}

/** The index of the closing quote of the string that starts here; the length of the text if there is none. */
function endOfString(json: string, start: number): number {
  for (let index = start + 1; index < json.length; index += 1) {
    if (json[index] === '\\') index += 1;
    else if (json[index] === '"') return index;
  }
  return json.length;
}

/** Adds a key, as written in the JSON text, to those of its object. Returns false if it was there before. */
function isNew(written: string, keys: Set<string> | undefined): boolean {
  const key = plainKey(written);
  if (key === undefined || keys === undefined || keys.has(key)) return false;
  keys.add(key);
  return true;
}

/** Decodes escapes: to every parser, `call\u005fid` is `call_id`. */
function plainKey(written: string): string | undefined {
  if (/^"[^"\\]*"$/.test(written)) return written.slice(1, -1);
  try {
    return z.string().parse(JSON.parse(written));
  } catch {
    return undefined;
  }
}

/** Whether any object in the value has a key that would not reach the workflow unchanged. */
function hasForbiddenKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, inner]) => !isCarriedKey(key) || hasForbiddenKey(inner));
}

function isText(value: string | null | undefined): value is string {
  return typeof value === 'string';
}
