import { lost, wrong, type Case, type Ending, type Violation } from './facts';

/** Whether a wrong input was refused before anything was sent. */
export function invalidFaults({ posts }: Case, { failure }: Ending): readonly Violation[] {
  const isRefused = failure?.type === 'InvalidInput';
  return [
    ...(isRefused ? [] : [wrong('a wrong input was not refused as InvalidInput')]),
    ...(posts.length === 0 ? [] : [wrong('a wrong input was sent to the vendor')]),
  ];
}

/** By which answers a run may fail; 429 and a vendor that is away only where `expiresAt` bounds the waiting. */
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

/** Whether the run failed by what the vendor answered. */
export function failureFaults(
  facts: Case,
  failure: NonNullable<Ending['failure']>,
): readonly Violation[] {
  const { type, message } = failure;
  if (type === 'rate_limited' || type === 'truedy_unreachable') {
    const isBounded =
      facts.expiresMs !== undefined ||
      facts.deeds.some(({ what }) => /reschedule|expireSoon/.test(what));
    return isBounded ? [] : [lost(`it failed as ${type}, and nothing bounded its waiting`)];
  }
  const statuses = FAILED_BY[type];
  if (statuses === undefined) return [lost(`it failed untyped: ${type}: ${message}`)];
  const status = facts.posts.at(-1)?.status ?? 0;
  return statuses.includes(status)
    ? []
    : [wrong(`it failed as ${type} after the answer ${status}`)];
}
