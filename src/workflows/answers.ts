import type { LookAnswer, ReadAnswer } from '../activities';
import type { Placed } from '../call/placement';
import type { ListingPage } from '../call/listing';
import { fieldsOf, isObject } from '../call/untrusted-values';

// The result of an activity is validated before use: its payload may not decode, and anybody with access to the
// namespace can complete an activity with any value. If workflow code threw on it, the run would be stuck.

const PLACED: readonly string[] = [
  'placed',
  'refused',
  'withheld',
  'deferred',
  'unclear',
] satisfies Placed['kind'][];

/** The result of `placeCall`. An invalid one is `unclear`: it does not prove whether the request was sent. */
export function toPlaced(answer: Placed, scheduledMs: number, nowMs: number): Placed {
  const { kind, callId, sentAtMs, latestSendMs } = fieldsOf(answer);
  const isValid =
    typeof kind === 'string' &&
    PLACED.includes(kind) &&
    (kind !== 'placed' || (typeof callId === 'string' && typeof sentAtMs === 'number')) &&
    (kind !== 'unclear' || typeof latestSendMs === 'number');
  if (isValid) return answer;
  const reason = 'the result of placeCall could not be read';
  return { kind: 'unclear', reason, latestSendMs: nowMs, earliestSendMs: scheduledMs };
}

/** The result of `readCall`; `unreadable` if it is invalid. */
export type Read =
  | ReadAnswer
  | { readonly kind: 'unreadable'; readonly reads?: number }
  /** The poll ended without an answer: no worker polled the queue, or an operator failed the activity. */
  | { readonly kind: 'interrupted'; readonly reads?: number };

export function toRead(answer: ReadAnswer): Read {
  const { kind, record } = fieldsOf(answer);
  const isValid = kind === 'overdue' || (kind === 'read' && isObject(record));
  return isValid ? answer : { kind: 'unreadable' };
}

/** The result of `lookCall`; `undefined` if it is invalid, which counts as no successful read. */
export function toLook(answer: LookAnswer): LookAnswer | undefined {
  const { kind, record } = fieldsOf(answer);
  const isOurs = kind === 'ours' && isObject(record) && typeof record['id'] === 'string';
  return isOurs || kind === 'not_ours' || kind === 'no_call' ? answer : undefined;
}

/** The result of `findCall`; `undefined` if it is invalid, so that the page is requested again. */
export function toPage(answer: ListingPage): ListingPage | undefined {
  const { rows, matches } = fieldsOf(answer);
  return typeof rows === 'number' && Array.isArray(matches) ? answer : undefined;
}
