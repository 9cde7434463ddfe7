import type { Match } from './evidence';
import type { CallEvent } from './api-types';
import { isObject } from './objects';
import {
  CALL_STATUSES,
  isCompleteEnding,
  NOTHING_KNOWN,
  type CallRecord,
  type CallStatus,
} from './call-record';

/** An event, and how the number it shows compares with ours. */
export interface News extends CallEvent {
  readonly number?: Match;
}

/**
 * A signal's argument as an event; `undefined` where it is none.
 *
 * Anybody with access to the namespace can send a signal, and a handler that throws would stop the run,
 * so nothing is believed of its shape.
 *
 * @param ourDigest Of our number; absent in older histories.
 */
export function toNews(sent: unknown, ourDigest?: string): News | undefined {
  if (!isObject(sent) || typeof sent['event'] !== 'string') return undefined;
  const { event, deliveryId, attempt, callId, ids, receivedAt, reason, call, numberDigest } = sent;
  const record = isObject(call) ? toRecord(call) : undefined;
  return {
    event,
    ids: Array.isArray(ids) ? ids.filter(isId).slice(0, MOST_IDS) : [],
    receivedAt: typeof receivedAt === 'string' ? receivedAt : '',
    ...(typeof deliveryId === 'string' && { deliveryId }),
    ...(typeof attempt === 'number' && { attempt }),
    ...(isId(callId) && { callId }),
    ...(typeof numberDigest === 'string' &&
      ourDigest !== undefined && { number: numberDigest === ourDigest ? 'ours' : 'other' }),
    ...(typeof reason === 'string' && { reason }),
    ...(record !== undefined && isCompleteEnding(record) && { call: record }),
  };
}

/** The vendor's ids and the carrier's are few; more would only fill the search attribute. */
const MOST_IDS = 8;

/** How far a call is by the name of the event alone, which needs no read. */
const STATUS_OF_EVENT: ReadonlyMap<string, CallStatus> = new Map([
  ['call.started', 'ringing'],
  ['call.joined', 'in_progress'],
]);

const ENDING_EVENTS: ReadonlySet<string> = new Set(['call.ended', 'call.completed', 'call.failed']);

/** What an event tells of the call by itself. */
export function recordOf(event: CallEvent): CallRecord {
  return event.call ?? { ...NOTHING_KNOWN, status: STATUS_OF_EVENT.get(event.event) ?? null };
}

/** Whether an event says that the call is over without saying how: one read has to tell. */
export function isNudge(event: CallEvent): boolean {
  return event.call === undefined && ENDING_EVENTS.has(event.event);
}

// --- internal ---

function toRecord(call: Readonly<Record<string, unknown>>): CallRecord {
  const text = (name: string) => (typeof call[name] === 'string' ? call[name] : null);
  const duration = call['duration_seconds'];
  return {
    id: text('id'),
    status: CALL_STATUSES.find((status) => status === call['status']) ?? null,
    agent_id: text('agent_id'),
    from_number: text('from_number'),
    duration_seconds: typeof duration === 'number' && duration >= 0 ? duration : null,
    outcome: text('outcome'),
    summary: text('summary'),
    transcript: call['transcript'] ?? null,
    recording_url: text('recording_url'),
    created_at: text('created_at'),
    started_at: text('started_at'),
    ended_at: text('ended_at'),
  };
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{1,128}$/.test(value);
}
