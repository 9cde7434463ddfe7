import { createHash } from 'node:crypto';
import { digitsOf } from '../call/evidence';
import type { Reference } from '../call/dial-request';

/**
 * A digest of a number, specific to one workflow. The bridge sends it instead of the number, so that the workflow can
 * recognize a call to someone else. It is not anonymous: all numbers can be tried.
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
