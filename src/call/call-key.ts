import { toWorkflowId } from './input';

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

/** Whether a key can identify a call: printable ASCII, at most 1,000 bytes as a workflow ID, and no phone number. */
export function isUsableKey(key: string, number: string): boolean {
  const isPlain = /^[\x21-\x7e]+$/.test(key) && toWorkflowId(key).length <= MAX_ID_LENGTH;
  return isPlain && !showsNumber(key, number);
}
