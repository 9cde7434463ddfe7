/**
 * How much each kind of evidence proves: the table in `docs/unknown.md`, as code. Every report about a call is
 * checked here before the workflow acts on it.
 */

/** Whether a value of the call matches the attempt's. `none`: the source does not show the value. */
export type Match = 'ours' | 'other' | 'none';

/** What an answer, a read or a listing shows of a call. */
export interface Shown {
  readonly number: Match;
  readonly reference: Match;
}

/** What a signed delivery shows, compared with its attempt. */
export interface Delivered {
  readonly reference: Match;
  /** By digest: the bridge removes the number itself. */
  readonly number: Match;
  /** Truedy's own id, compared with the known ids of the attempt's call. */
  readonly id: 'known' | 'unknown' | 'none';
  /** A terminal status with a duration, an outcome or an end time. */
  readonly isComplete: boolean;
  /**
   * `named`: a source has established the call and its id. `placed`: the same without an id. `sent`: its request may
   * have been sent.
   */
  readonly attempt: 'named' | 'placed' | 'sent' | 'unsent';
}

/** A 2xx answer to our own request. The call is ours unless it shows another number or reference. */
export function provesAnswer({ number, reference }: Shown): 'placed' | 'nothing' {
  return number === 'other' || reference === 'other' ? 'nothing' : 'placed';
}

/** A read of an established call. Only another number or reference disproves it. */
export function provesProgress(shown: Shown): 'progress' | 'nothing' {
  return provesAnswer(shown) === 'placed' ? 'progress' : 'nothing';
}

/** A read by an id from a delivery or an operator. It must show our number, and no other reference. */
export function provesNamed({ number, reference }: Shown): 'placed' | 'nothing' {
  return number === 'ours' && reference !== 'other' ? 'placed' : 'nothing';
}

/** A row of the listing. It must show both our reference and our number. */
export function provesListed({
  number,
  reference,
}: Shown): 'placed' | 'other_number' | 'no_number' | 'nothing' {
  if (reference !== 'ours') return 'nothing';
  if (number === 'none') return 'no_number';
  return number === 'ours' ? 'placed' : 'other_number';
}

/**
 * A signed delivery. Its reference alone only identifies the attempt: another call of the account may carry a copy.
 * Until a source has named the call's id, a delivery with another number proves nothing. If the request was sent,
 * a complete result, or an id together with our number, is a fact. Everything else needs a read.
 */
export function provesDelivered(
  delivered: Delivered,
): 'fact' | 'needs_read' | 'second_call' | 'nothing' {
  if (delivered.attempt === 'named') return delivered.id === 'unknown' ? 'second_call' : 'fact';
  if (delivered.number === 'other') return 'nothing';
  if (delivered.attempt === 'placed') return 'fact';
  if (delivered.attempt === 'unsent' || delivered.reference !== 'ours') return 'needs_read';
  const isNamed = delivered.number === 'ours' && delivered.id !== 'none';
  return delivered.isComplete || isNamed ? 'fact' : 'needs_read';
}

/** Digits, with the separators that people write between them. */
const NUMBER = /^\+?[\d\s().\u2011-]+$/;

/** Compares the digits, because a vendor may omit the `+`. A masked or malformed number matches as `none`. */
export function matchNumber(shown: string | null, ours: string): Match {
  const text = shown?.trim() ?? '';
  if (!NUMBER.test(text)) return 'none';
  return digitsOf(text) === digitsOf(ours) ? 'ours' : 'other';
}

export function matchReference(shown: string | null, ours: string): Match {
  if (shown === null) return 'none';
  return shown === ours ? 'ours' : 'other';
}

/** Removes `00`, the international prefix of most countries (ITU-T E.164). No country code begins with 0. */
export function digitsOf(number: string): string {
  return number.replace(/\D/g, '').replace(/^00/, '');
}
