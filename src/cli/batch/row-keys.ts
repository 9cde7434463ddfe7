import { createHash } from 'node:crypto';
import { hiddenInName } from '../../call/text/characters';

/** Nothing that a results file or a reference would have to quote. */
const KEY = /^[A-Za-z0-9][\w.:@/-]{0,199}$/;
const LIKE_A_NUMBER = /^\+?[\d().-]{7,}$/;
const NAME = /^[A-Za-z0-9][\w.-]{0,63}$/;

/** Whether a batch may be called so: its name stands in every id. */
export function isBatchName(name: string): boolean {
  return NAME.test(name) && !LIKE_A_NUMBER.test(name);
}

/**
 * The key of a row that has none: of its number alone, so that a corrected name or time is still the same
 * call. Cut to 64 bits, which no two numbers of a batch share by chance.
 */
export function keyOf(batch: string, number: string): string {
  return `n-${createHash('sha256').update(`${batch}\0${number}`).digest('hex').slice(0, 16)}`;
}

/**
 * Whether a key shows the number that is called, or looks like one. It is part of an id, which is never
 * encrypted and travels to the vendor.
 */
export function showsNumber(key: string, number: string): boolean {
  const digits = number.replace(/^\+/, '');
  return LIKE_A_NUMBER.test(key) || (digits.length > 6 && key.includes(digits));
}

/** Why a key of the caller's own cannot be part of an id. */
export function keyProblems(key: string | undefined, number: string): readonly string[] {
  if (key === undefined) return [];
  if (showsNumber(key, number)) {
    return [
      'key  looks like a phone number, and ids hold none: put a word before it, as order-4711',
    ];
  }
  if (KEY.test(key)) return [];
  const hidden = hiddenInName(key);
  const named = hidden === undefined ? '' : `; it contains ${hidden}`;
  return [`key  is not usable: letters, digits and . _ - : @ / up to 200${named}`];
}
