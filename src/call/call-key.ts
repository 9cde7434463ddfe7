import { ID_PREFIX, toKey, toWorkflowId } from './input';

const MAX_ID_BYTES = 1_000;
const LIKE_A_NUMBER = /^\+?[\d().-]{7,}$/;

/** Whether a name looks like a phone number. */
export function isLikeNumber(name: string): boolean {
  return LIKE_A_NUMBER.test(name);
}

/**
 * Whether a key contains the number to call, or looks like a number. The key is part of the workflow ID,
 * which is never encrypted and is sent to Truedy.
 */
export function showsNumber(key: string, number: string): boolean {
  const digits = number.replace(/^\+/, '');
  return isLikeNumber(key) || (digits.length > 6 && key.includes(digits));
}

/** Why this cannot be the key of a call to that number; `undefined` if it can. Never quotes the key. */
export function keyProblem(key: unknown, number: unknown): string | undefined {
  if (typeof key !== 'string') return 'must be a string, such as order-4711';
  const name = toKey(key);
  if (!/^[\x21-\x7e]+$/.test(name) || toWorkflowId(key).length > MAX_ID_BYTES) {
    const most = MAX_ID_BYTES - ID_PREFIX.length;
    return `must be printable ASCII without spaces, at most ${most} characters, such as order-4711`;
  }
  if (!showsNumber(name, typeof number === 'string' ? number : '')) return undefined;
  return 'must not contain a phone number: workflow IDs are never encrypted';
}
