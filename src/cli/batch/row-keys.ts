import { createHash } from 'node:crypto';
import { looksLikeNumber, showsNumber } from '../../call/call-key';
import { hiddenInName } from '../../call/text/characters';

/** Only characters that neither a results file nor a reference has to quote. */
const KEY = /^[A-Za-z0-9][\w.:@/-]{0,199}$/;
const NAME = /^[A-Za-z0-9][\w.-]{0,63}$/;

/** Whether this can be the name of a batch, which is part of every workflow ID. */
export function isBatchName(name: string): boolean {
  return NAME.test(name) && !looksLikeNumber(name);
}

/**
 * The key of a row without one. It depends on the number alone, so that correcting a name or time does not
 * make it a new call. 64 bits are enough to rule out collisions within a batch.
 */
export function defaultKey(batch: string, number: string): string {
  return `n-${createHash('sha256').update(`${batch}\0${number}`).digest('hex').slice(0, 16)}`;
}

/** Why the key of a row cannot be part of a workflow ID. */
export function keyProblems(key: string | undefined, number: string): readonly string[] {
  if (key === undefined) return [];
  if (showsNumber(key, number)) {
    return ['key  must not contain a phone number: add a word, as in order-4711'];
  }
  if (KEY.test(key)) return [];
  const hidden = hiddenInName(key);
  const named = hidden === undefined ? '' : `; it contains ${hidden}`;
  return [`key  must be letters, digits and . _ - : @ / of at most 200 characters${named}`];
}
