import { z } from 'zod';
import { readReference } from '../call/dial-request';
import { isCarriedKey } from '../call/input';
import { foldWord } from '../call/outcome';
import { NOTHING_KNOWN, type CallRecord } from '../call/call-record';
import { numberDigest } from './number-digest';
import { CALL_ID, callFields, callIdSchema, reasonOf, referenceIn, toRecord } from './schemas';

/** One webhook delivery, in our words. */
export interface Delivery {
  /** The vendor's event type; `call.completed` is told as `call.ended`. */
  readonly event: string;
  readonly deliveryId: string | null;
  readonly reference: string | null;
  /** Truedy's ids of the call first, the carrier's last. */
  readonly ids: readonly string[];
  /** Of the number called, where it is shown beside our reference. */
  readonly numberDigest: string | null;
  readonly reason: string | null;
  readonly record: CallRecord;
}

/** The deepest nesting of a body worth parsing; documented ones stay far below. */
const MAX_DEPTH = 32;
/** A turn of a transcript has three or four keys in some 70 bytes, so 1 MiB of talk holds fewer. */
const MAX_KEYS = 100_000;

const ABOUT_NO_CALL = {
  reference: null,
  ids: [],
  numberDigest: null,
  reason: null,
  record: NOTHING_KNOWN,
} as const;

const text = z.string().max(256).nullable().catch(null).default(null);
const bag = z.record(z.string(), z.unknown()).nullable().catch(null).default(null);
// An id of a wrong shape makes the delivery unusable, unlike any other field.
const strictId = callIdSchema.nullish();

/** The provider's own call object, inside the vendor's envelope. */
const providerCall = z.object({
  callId: strictId,
  call_id: strictId,
  endReason: text,
  end_reason: text,
  sipDetails: z.object({ terminationReason: text }).nullable().catch(null).default(null),
  metadata: bag,
  requestContext: bag,
  variables: bag,
  context: bag,
});

const envelope = z.object({
  event: z.string().min(1).max(128),
  id: text,
  event_id: text,
  data: z.looseObject({ eventId: text, event_id: text }),
});

/** What of `data` says which call it is about. */
const aboutCall = z.object({
  call_id: strictId,
  callId: strictId,
  id: z.string().nullish(),
  call: providerCall.nullish(),
});

/**
 * A delivery in any documented envelope; `undefined` for an unusable one. A call event has to name a
 * call: by id or by our reference.
 */
export function readDelivery(body: unknown): Delivery | undefined {
  const read = envelope.safeParse(body);
  if (!read.success || hasForbiddenKey(body)) return undefined;
  const { data } = read.data;
  const event = read.data.event === 'call.completed' ? 'call.ended' : read.data.event;
  const deliveryId = read.data.id ?? read.data.event_id ?? data.eventId ?? data.event_id;
  // Of what is about no call, nothing more is used, and so nothing can be wrong with it.
  if (!foldWord(event).startsWith('call.')) return { event, deliveryId, ...ABOUT_NO_CALL };
  const about = aboutCall.safeParse(data);
  if (!about.success) return undefined;
  const told = callFields.parse(data);
  const { call, id } = about.data;
  // In the guide's envelope `data` is the call itself; elsewhere `data.id` is the id of the event.
  const isCall = typeof data.status === 'string' || told.agent_id !== null;
  if (isCall && isText(id) && !CALL_ID.test(id)) return undefined;
  const ownId = about.data.call_id ?? about.data.callId ?? (isCall ? told.id : null);
  const ids = [ownId, told.ultravox_call_id, call?.callId, call?.call_id].filter(isText);
  const reference = referenceIn([
    told.variables,
    told.context,
    told.metadata,
    ...(call ? [call.metadata, call.requestContext, call.variables, call.context] : []),
  ]);
  if (ids.length === 0 && reference === null) return undefined;
  const carriers = call?.sipDetails?.terminationReason ?? call?.end_reason ?? call?.endReason;
  return {
    event,
    deliveryId: deliveryId ?? (isCall ? null : text.parse(id)),
    reference,
    ids: [...new Set(ids)],
    numberDigest: digestOf(reference, told.phone_number ?? told.to_number ?? told.to),
    reason: carriers ?? reasonOf(told),
    record: toRecord(told, ownId ?? null),
  };
}

/**
 * Whether a JSON text is shallow and small enough to be worth parsing, and says everything once: of a
 * key that stands twice in an object each reader picks one. Looked at before it is parsed.
 */
export function isReasonable(json: string): boolean {
  const open: Set<string>[] = [];
  let keys = 0;
  let text = '';
  for (let index = 0; index < json.length; index += 1) {
    const sign = json[index];
    if (sign === '"') {
      const end = endOfText(json, index);
      text = json.slice(index, end + 1);
      index = end;
    } else if (sign === '{' || sign === '[') {
      if (open.push(new Set()) > MAX_DEPTH) return false;
    } else if (sign === '}' || sign === ']') open.pop();
    else if (sign === ':' && (++keys > MAX_KEYS || !isNew(text, open.at(-1)))) return false;
  }
  return true;
}

// --- internal ---

/** The number stays here: what a run gets to compare is its digest. */
function digestOf(reference: string | null, number: string | null): string | null {
  const about = reference === null ? undefined : readReference(reference);
  return about === undefined || number === null ? null : numberDigest(about, number);
}

/** Where the text that begins here ends: its closing quote, else behind the last sign. */
function endOfText(json: string, start: number): number {
  for (let index = start + 1; index < json.length; index += 1) {
    if (json[index] === '\\') index += 1;
    else if (json[index] === '"') return index;
  }
  return json.length;
}

/** Whether the key, as it is written, did not yet stand in its object. */
function isNew(written: string, keys: Set<string> | undefined): boolean {
  const key = plainKey(written);
  if (key === undefined || keys === undefined || keys.has(key)) return false;
  keys.add(key);
  return true;
}

/** `call\u005fid` is `call_id` to every parser. */
function plainKey(written: string): string | undefined {
  if (/^"[^"\\]*"$/.test(written)) return written.slice(1, -1);
  try {
    return z.string().parse(JSON.parse(written));
  } catch {
    return undefined;
  }
}

/** Whether any object in it has a key that would not reach a run unchanged. */
function hasForbiddenKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, inner]) => !isCarriedKey(key) || hasForbiddenKey(inner));
}

function isText(value: string | null | undefined): value is string {
  return typeof value === 'string';
}
