import { createHash } from 'node:crypto';
import { digitsOf } from '../call/evidence';
import type { Reference } from '../call/dial-request';

/**
 * A digest of a number within one conversation: the bridge sends it instead of the number, so that the run can
 * tell a call to somebody else. It hides the number from a glance and not from a search: numbers are few.
 *
 * @returns 32 hex digits.
 */
export function numberDigest(
  { namespace, workflowId }: Pick<Reference, 'namespace' | 'workflowId'>,
  number: string,
): string {
  const text = `${namespace}/${workflowId}:${digitsOf(number)}`;
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
