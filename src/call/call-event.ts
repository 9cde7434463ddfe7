import type { Match } from './evidence';
import type { CallEvent } from './api-types';
import { isObject } from './untrusted-values';
import {
  CALL_STATUSES,
  isCallId,
  isCompleteEnding,
  NOTHING_KNOWN,
  type CallRecord,
  type CallStatus,
} from './call-record';

/** An event, with the result of comparing its number with ours. */
export interface ReceivedEvent extends CallEvent {
  readonly number?: Match;
}

/**
 * Parses a signal's argument. Fields of the wrong type are dropped.
 *
 * Any client of the namespace can send a signal, and a handler that throws would block the run, so the
 * argument is not trusted to have any shape.
 *
 * @param ourDigest Of our number. Absent in older histories.
 * @returns `undefined` if the argument is not an event.
 */
export function readEvent(sent: unknown, ourDigest?: string): ReceivedEvent | undefined {
  if (!isObject(sent) || typeof sent['event'] !== 'string') return undefined;
  const { event, deliveryId, attempt, callId, ids, receivedAt, reason, call, numberDigest } = sent;
  const record = isObject(call) ? toRecord(call) : undefined;
  return {
    event,
    ids: Array.isArray(ids) ? ids.filter(isCallId).slice(0, MAX_IDS) : [],
    receivedAt: typeof receivedAt === 'string' ? receivedAt : '',
    ...(typeof deliveryId === 'string' && { deliveryId }),
    ...(typeof attempt === 'number' && { attempt }),
    ...(isCallId(callId) && { callId }),
    ...(typeof numberDigest === 'string' &&
      ourDigest !== undefined && { number: numberDigest === ourDigest ? 'ours' : 'other' }),
    ...(typeof reason === 'string' && { reason }),
    ...(record !== undefined && isCompleteEnding(record) && { call: record }),
  };
}

/** A call has few ids. More would only fill up the search attribute. */
const MAX_IDS = 8;

/** The status that the name of an event alone implies. */
const STATUS_OF_EVENT: ReadonlyMap<string, CallStatus> = new Map([
  ['call.started', 'ringing'],
  ['call.joined', 'in_progress'],
]);

const ENDING_EVENTS: ReadonlySet<string> = new Set(['call.ended', 'call.completed', 'call.failed']);

/** The event's call, or a record with only the status that the event's name implies. */
export function recordOf(event: CallEvent): CallRecord {
  return event.call ?? { ...NOTHING_KNOWN, status: STATUS_OF_EVENT.get(event.event) ?? null };
}

/** Whether an event reports that the call ended, but not how. A read has to find out. */
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
