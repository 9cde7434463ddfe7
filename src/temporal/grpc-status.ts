/** Temporal is given up after this: the vendor gives us up after ten seconds. */
export const TEMPORAL_LIMIT_MS = 3_000;

const INVALID_ARGUMENT = 3;

/** Whether Temporal says that the request itself is at fault, and would be however often it came. */
export function isInvalidArgument(error: unknown): boolean {
  return codeOf(error) === INVALID_ARGUMENT;
}

/** The gRPC code of what the client threw. */
export function codeOf(error: unknown): unknown {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}
