/**
 * How much each kind of evidence proves. The one table of `docs/unknown.md`, as code: whatever is learned
 * about a call goes through here before anything is decided by it.
 */

/** How a call compares with the attempt: `none` where the source does not say. */
export type Match = 'ours' | 'other' | 'none';

/** What a call shows of itself in an answer, a read or a listing. */
export interface Shown {
  readonly number: Match;
  readonly reference: Match;
}

/** What a signed delivery is compared with. */
export interface Delivered {
  readonly reference: Match;
  /** By digest: the bridge removes the number itself. */
  readonly number: Match;
  /** The vendor's own id against the ids known for the attempt's call. */
  readonly id: 'known' | 'unknown' | 'none';
  /** A terminal status together with a duration, an outcome or an end time. */
  readonly isComplete: boolean;
  /** `named`: an answer, a read or a listing established the call. `sent`: a request may have left. */
  readonly attempt: 'named' | 'sent' | 'unsent';
}

/** A 2xx answer to our own request: the call is ours unless it shows that it is another one. */
export function provesAnswer({ number, reference }: Shown): 'placed' | 'nothing' {
  return number === 'other' || reference === 'other' ? 'nothing' : 'placed';
}

/** A read by the id of a call that is established: only another number or reference speaks against it. */
export function provesProgress(shown: Shown): 'progress' | 'nothing' {
  return provesAnswer(shown) === 'placed' ? 'progress' : 'nothing';
}

/** A read by an id that a delivery or a person named: it has to show our number, and no other reference. */
export function provesNamed({ number, reference }: Shown): 'placed' | 'nothing' {
  return number === 'ours' && reference !== 'other' ? 'placed' : 'nothing';
}

/** A row of the listing: adopted by our reference and our number together. */
export function provesListed({
  number,
  reference,
}: Shown): 'placed' | 'other_number' | 'no_number' | 'nothing' {
  if (reference !== 'ours') return 'nothing';
  if (number === 'none') return 'no_number';
  return number === 'ours' ? 'placed' : 'other_number';
}

/**
 * A signed delivery. Its reference ties it to an attempt, and no more: another call of the account may carry
 * a copy of it. While no source has named the call, one that shows another number proves nothing; a complete
 * result, or an id beside our number, of a request that was sent is a fact; everything else asks for a read.
 */
export function provesDelivered(told: Delivered): 'fact' | 'look' | 'second_call' | 'nothing' {
  if (told.attempt === 'named') return told.id === 'unknown' ? 'second_call' : 'fact';
  if (told.number === 'other') return 'nothing';
  if (told.attempt === 'unsent' || told.reference !== 'ours') return 'look';
  const isNamed = told.number === 'ours' && told.id !== 'none';
  return told.isComplete || isNamed ? 'fact' : 'look';
}

/** Text that can be a number: digits, and what people put between them. */
const NUMBER = /^\+?[\d\s().\u2011-]+$/;

/** Compares the digits: a vendor may omit the `+`. A number that is masked or not readable says nothing. */
export function matchNumber(shown: string | null, ours: string): Match {
  const text = shown?.trim() ?? '';
  if (!NUMBER.test(text)) return 'none';
  return digitsOf(text) === digitsOf(ours) ? 'ours' : 'other';
}

export function matchReference(shown: string | null, ours: string): Match {
  if (shown === null) return 'none';
  return shown === ours ? 'ours' : 'other';
}

// `00` is the international prefix of most countries (ITU-T E.164); no country code begins with 0.
export function digitsOf(number: string): string {
  return number.replace(/\D/g, '').replace(/^00/, '');
}
