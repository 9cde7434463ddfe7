/** The deadline of a request to Temporal while a delivery waits for its answer. Truedy waits ten seconds. */
export const TEMPORAL_LIMIT_MS = 3_000;

/** The gRPC status codes this program acts on. `@temporalio/client` does not export them. */
export const GRPC_STATUS = {
  CANCELLED: 1,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  FAILED_PRECONDITION: 9,
  UNIMPLEMENTED: 12,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

/** Whether Temporal rejected the request itself, so that sending it again cannot help. */
export function isInvalidArgument(error: unknown): boolean {
  return grpcCodeOf(error) === GRPC_STATUS.INVALID_ARGUMENT;
}

/** The gRPC status code of an error, or of its cause if the client wrapped it. */
export function grpcCodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  return 'code' in error && typeof error.code === 'number' ? error.code : grpcCodeOf(error.cause);
}
