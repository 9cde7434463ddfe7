import { lost, wrong, type Case, type RunEnd, type Violation } from './facts';

/** Violations of a call with an invalid input, which must be rejected before a request is sent. */
export function invalidInputViolations({ posts }: Case, { failure }: RunEnd): readonly Violation[] {
  const isRefused = failure?.type === 'InvalidInput';
  return [
    ...(isRefused ? [] : [wrong('an invalid input was not rejected with InvalidInput')]),
    ...(posts.length === 0 ? [] : [wrong('an invalid input was sent to the vendor')]),
  ];
}

/** The answers for each failure type. A 429 or an unreachable vendor fails a run only if `expiresAt` limits the wait. */
const FAILED_BY: Readonly<Record<string, readonly number[]>> = {
  bad_request: [400],
  unauthorized: [401],
  insufficient_credits: [402],
  forbidden: [403],
  agent_not_found: [404],
  refused: [404, 405, 414, 415, 422, 431],
  payload_too_large: [413],
  validation_error: [422],
  invalid_phone_number: [422],
  agent_not_active: [422],
  no_phone_number_configured: [422],
};

/** Violations of a failed run, whose failure type must match the vendor's answer. */
export function failureViolations(
  facts: Case,
  failure: NonNullable<RunEnd['failure']>,
): readonly Violation[] {
  const { type, message } = failure;
  if (type === 'rate_limited' || type === 'truedy_unreachable') {
    const isBounded =
      facts.expiresMs !== undefined ||
      facts.actions.some(({ name }) => /reschedule|expireSoon/.test(name));
    return isBounded ? [] : [lost(`it failed with ${type}, although its wait has no limit`)];
  }
  const statuses = FAILED_BY[type];
  if (statuses === undefined) return [lost(`it failed with an unknown type: ${type}: ${message}`)];
  const status = facts.posts.at(-1)?.status ?? 0;
  return statuses.includes(status)
    ? []
    : [wrong(`it failed with ${type} after the answer ${status}`)];
}
