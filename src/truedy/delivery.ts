import { z } from 'zod';
import { foldWord } from '../call/outcome';
import type { CallRecord } from '../call/snapshot';
import { CALL_ID, callFields, callIdSchema, reasonOf, referenceIn, toRecord } from './schemas';

/** One webhook delivery, in our words. */
export interface Delivery {
  /** The vendor's event type; `call.completed` is told as `call.ended`. */
  readonly event: string;
  readonly deliveryId: string | null;
  readonly reference: string | null;
  /** Truedy's ids of the call first, the carrier's last. */
  readonly ids: readonly string[];
  readonly reason: string | null;
  readonly record: CallRecord;
}

/** The deepest nesting and the most keys of a body worth parsing; documented ones stay far below. */
const MAX_DEPTH = 32;
const MAX_KEYS = 1_000;
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const text = z.string().nullable().catch(null).default(null);
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
  data: z.looseObject({
    call_id: strictId,
    callId: strictId,
    id: z.string().nullish(),
    eventId: text,
    event_id: text,
    call: providerCall.nullish(),
  }),
});

/**
 * A delivery in any documented envelope; `undefined` for an unusable one. A call event has to name a
 * call: by id or by our reference.
 */
export function readDelivery(body: unknown): Delivery | undefined {
  const read = envelope.safeParse(body);
  if (!read.success || hasForbiddenKey(body)) return undefined;
  const { event, data } = read.data;
  const told = callFields.parse(data);
  const { call } = data;
  // In the guide's envelope `data` is the call itself; elsewhere `data.id` is the id of the event.
  const isCall = told.status !== null || told.agent_id !== null;
  const ownId = data.call_id ?? data.callId ?? (isCall ? told.id : null);
  if (isCall && typeof data.id === 'string' && !CALL_ID.test(data.id)) return undefined;
  const ids = [ownId, told.ultravox_call_id, call?.callId, call?.call_id].filter(isText);
  const reference = referenceIn([
    told.variables,
    told.context,
    told.metadata,
    ...(call ? [call.metadata, call.requestContext, call.variables, call.context] : []),
  ]);
  const isAboutCall = foldWord(event).startsWith('call.');
  if (isAboutCall && ids.length === 0 && reference === null) return undefined;
  const carriers = call?.sipDetails?.terminationReason ?? call?.end_reason ?? call?.endReason;
  return {
    event: event === 'call.completed' ? 'call.ended' : event,
    deliveryId: read.data.id ?? read.data.event_id ?? data.eventId ?? data.event_id,
    reference,
    ids: [...new Set(ids)],
    reason: carriers ?? reasonOf(told),
    record: toRecord(told, ownId ?? null),
  };
}

/** Whether a JSON text is shallow and small enough to be worth parsing. Looked at before it is parsed. */
export function isReasonable(json: string): boolean {
  let depth = 0;
  let keys = 0;
  let inString = false;
  for (let index = 0; index < json.length; index += 1) {
    const sign = json[index];
    if (inString) {
      if (sign === '\\') index += 1;
      else if (sign === '"') inString = false;
    } else if (sign === '"') inString = true;
    else if (sign === '{' || sign === '[') depth += 1;
    else if (sign === '}' || sign === ']') depth -= 1;
    else if (sign === ':') keys += 1;
    if (depth > MAX_DEPTH || keys > MAX_KEYS) return false;
  }
  return true;
}

// --- internal ---

// Names that would reach behind an object instead of into it.
function hasForbiddenKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(
    ([key, inner]) => FORBIDDEN_KEYS.has(key) || hasForbiddenKey(inner),
  );
}

function isText(value: string | null | undefined): value is string {
  return typeof value === 'string';
}
