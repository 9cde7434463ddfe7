import type { LookAnswer, ReadAnswer } from '../activities';
import type { Placed } from '../call/dial-request';
import type { ListingPage } from '../call/listing';
import { isObject } from '../call/objects';

// An answer is looked at before it is believed: its payload may not be readable, and a person can complete
// an activity by hand with anything. Workflow code that threw on it would stop the run for good.

const PLACED: readonly string[] = [
  'placed',
  'refused',
  'withheld',
  'deferred',
  'unclear',
] satisfies Placed['kind'][];

/** The answer of `placeCall`; one that is none proves nothing about what was sent. */
export function toPlaced(told: Placed, handedMs: number, nowMs: number): Placed {
  const { kind, callId, sentAtMs, latestSendMs } = fieldsOf(told);
  const isAnswer =
    typeof kind === 'string' &&
    PLACED.includes(kind) &&
    (kind !== 'placed' || (typeof callId === 'string' && typeof sentAtMs === 'number')) &&
    (kind !== 'unclear' || typeof latestSendMs === 'number');
  if (isAnswer) return told;
  const reason = 'the answer of placeCall cannot be read';
  return { kind: 'unclear', reason, latestSendMs: nowMs, earliestSendMs: handedMs };
}

export type Read = ReadAnswer | { readonly kind: 'unreadable'; readonly reads?: number };

export function toRead(told: ReadAnswer): Read {
  const { kind, record } = fieldsOf(told);
  const isAnswer = kind === 'overdue' || (kind === 'read' && isObject(record));
  return isAnswer ? told : { kind: 'unreadable' };
}

/** `undefined` where it is none: nothing was seen. */
export function toLook(told: LookAnswer): LookAnswer | undefined {
  const { kind, record } = fieldsOf(told);
  const isSeen = kind === 'ours' && isObject(record) && typeof record['id'] === 'string';
  return isSeen || kind === 'not_ours' || kind === 'no_call' ? told : undefined;
}

/** `undefined` where it is none: the page is asked for again. */
export function toPage(told: ListingPage): ListingPage | undefined {
  const { rows, matches } = fieldsOf(told);
  return typeof rows === 'number' && Array.isArray(matches) ? told : undefined;
}

// --- internal ---

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}
