import { invalidInput, type CallFailure } from './call-result';
import { toKey, toWorkflowId } from './input';
import { fieldsOf } from './untrusted-values';

const MAX_ID_LENGTH = 1_000;
const LIKE_A_NUMBER = /^\+?[\d().-]{7,}$/;

/** Whether a text could be a phone number. */
export function looksLikeNumber(text: string): boolean {
  return LIKE_A_NUMBER.test(text);
}

/**
 * Whether a key contains the number to call, or looks like a number. The key is part of the workflow ID,
 * which is never encrypted and is sent to Truedy.
 */
export function showsNumber(key: string, number: string): boolean {
  const digits = number.replace(/^\+/, '');
  return looksLikeNumber(key) || (digits.length > 6 && key.includes(digits));
}

/**
 * Whether a key can identify a call: printable ASCII without backslashes, at most 1,000 bytes as a workflow ID, and no
 * phone number. Temporal's visibility finds no workflow ID with a backslash (Server 1.32, SQLite), so such a call would
 * never be dialed.
 */
export function isUsableKey(key: string, number: string): boolean {
  const isPlain = /^[\x21-\x5b\x5d-\x7e]+$/.test(key) && toWorkflowId(key).length <= MAX_ID_LENGTH;
  return isPlain && !showsNumber(key, number);
}

/** The failure of a caller whose key cannot be used for this input; `undefined` if it can. Neither has been validated. */
export function invalidKey(key: unknown, input: unknown): CallFailure | undefined {
  const { phone_number: number } = fieldsOf(fieldsOf(input)['call']);
  const isUsable =
    typeof key === 'string' && isUsableKey(toKey(key), typeof number === 'string' ? number : '');
  return isUsable ? undefined : invalidInput('key', UNUSABLE);
}

// --- internal ---

const UNUSABLE =
  'must be printable ASCII without spaces and backslashes, at most 995 characters, and no phone number, because ' +
  'workflow IDs are not encrypted, such as order-4711';
