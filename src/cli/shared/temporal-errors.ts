import { isGrpcServiceError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { ApplicationFailure, NamespaceNotFoundError } from '@temporalio/common';
import { ENCRYPTED, unknownKeyOf } from '../../codec/undecodable';
import { KnownError } from '../../runtime/process';
import type { TemporalSettings } from '../../temporal/client';
import { GRPC_STATUS } from '../../temporal/grpc-status';
import { unreachable } from '../../temporal/tcp-probe';
import { EXIT } from './exit-codes';

const {
  CANCELLED,
  INVALID_ARGUMENT,
  DEADLINE_EXCEEDED,
  NOT_FOUND,
  PERMISSION_DENIED,
  FAILED_PRECONDITION,
  UNIMPLEMENTED,
  UNAVAILABLE,
  UNAUTHENTICATED,
} = GRPC_STATUS;

/**
 * Turns an error of the server or the connection into one that says how to fix it.
 *
 * @param why Why the server is unreachable, if that is known already.
 * @returns Any other error unchanged.
 */
export function toKnownError(
  error: unknown,
  temporal: Pick<TemporalSettings, 'address' | 'addressSource' | 'namespace'>,
  why?: string,
): unknown {
  const { address } = temporal;
  const status = statusOf(error);
  const namespace = missingNamespace(error, status);
  if (namespace !== undefined) {
    return new KnownError(
      `TT1003  Namespace ${namespace} does not exist at ${address}.\n` +
        '        temporal operator namespace list',
      EXIT.settings,
    );
  }
  const attribute = unknownAttribute(error, temporal.namespace);
  if (attribute !== undefined) return attribute;
  const noServer = (reason: string) =>
    new KnownError(unreachable(temporal, reason), EXIT.unreachable);
  const undecryptable = missingKey(error);
  if (undecryptable !== undefined) return undecryptable;
  const code: number | undefined = status?.code;
  switch (code) {
    case UNAVAILABLE:
      return noServer(why ?? 'no connection');
    case DEADLINE_EXCEEDED:
      return noServer(why ?? 'timed out');
    case UNIMPLEMENTED:
      return noServer('the server does not speak the Temporal protocol');
    case PERMISSION_DENIED:
    case UNAUTHENTICATED:
      return new KnownError(
        `TT1002  Temporal at ${address} rejected our credentials: ${status?.details ?? ''}\n` +
          '        They come from TEMPORAL_API_KEY, TEMPORAL_TLS_* or a profile.\n' +
          '        temporal config get',
        EXIT.settings,
      );
    case undefined:
    default:
      return error;
  }
}

/** The error of a start or query that uses one of our search attributes in a namespace without it. */
export function unknownAttribute(error: unknown, namespace: string): KnownError | undefined {
  const status = statusOf(error);
  const code: number | undefined = status?.code;
  const details = code === INVALID_ARGUMENT ? (status?.details ?? '') : '';
  if (!/search attribute.*Truedy|Truedy.*search attribute/i.test(details)) return undefined;
  return new KnownError(
    `TT1010  Namespace "${namespace}" lacks our search attributes: ${details}\n` +
      '        Calls still work, but lists cannot be filtered.\n' +
      '        temporal truedy setup --apply',
    EXIT.settings,
  );
}

/** No worker answered a query or update. */
export class UnansweredError extends KnownError {
  override readonly name = 'UnansweredError';

  constructor(message: string, options?: ErrorOptions) {
    super(message, EXIT.unreachable, options);
  }
}

/** The error of a run whose task queue no worker is polling. */
export function noWorker(namespace: string, options?: ErrorOptions): UnansweredError {
  return new UnansweredError(
    `TT6001  No worker is polling for this call in ${namespace}.\n` +
      '        The call is safe and will continue once a worker starts.\n' +
      '        npm run worker',
    options,
  );
}

/** The error of a run whose workflow task keeps failing on a worker. */
export function taskFails(
  workflowId: string,
  why: string,
  options?: ErrorOptions,
): UnansweredError {
  return new UnansweredError(
    `TT6003  The workflow task of ${workflowId} keeps failing: ${why}\n` +
      "        The call is safe and will continue once the cause is fixed. The worker's log has the stack trace.\n" +
      `        temporal workflow show --workflow-id ${workflowId}`,
    options,
  );
}

/** Whether no worker answered, immediately or within the deadline. */
export function isUnanswered(error: unknown): boolean {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return true;
  const code: number | undefined = statusOf(error)?.code;
  return code === CANCELLED || code === DEADLINE_EXCEEDED || code === FAILED_PRECONDITION;
}

/** Whether the server denied permission. */
export function isForbidden(error: unknown): boolean {
  const code: number | undefined = statusOf(error)?.code;
  return code === PERMISSION_DENIED || code === UNAUTHENTICATED;
}

// --- internal ---

/** The client throws its own class. Direct calls of a gRPC service only have the message. */
function missingNamespace(error: unknown, status: ReturnType<typeof statusOf>) {
  if (error instanceof NamespaceNotFoundError) return error.namespace;
  const code: number | undefined = status?.code;
  return code === NOT_FOUND
    ? /^Namespace (\S+) is not found/.exec(status?.details ?? '')?.[1]
    : undefined;
}

/** The gRPC status of an error, which the client may have wrapped. */
function statusOf(error: unknown) {
  if (isGrpcServiceError(error)) return error;
  return error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : undefined;
}

/** The error of data that are encrypted with a key this command lacks. */
function missingKey(error: unknown): KnownError | undefined {
  if (!(error instanceof Error)) return undefined;
  const keyId = error instanceof ApplicationFailure ? unknownKeyOf(error.type) : undefined;
  // The SDK's error of a client without keys.
  if (keyId === undefined && error.message !== `Unknown encoding: ${ENCRYPTED}`) return undefined;
  const why = keyId === undefined ? 'TRUEDY_ENCRYPTION_KEYS is not set' : `key ${keyId} is missing`;
  return new KnownError(
    `TT6004  The data of this call are encrypted, and this command cannot decrypt them: ${why}.\n` +
      '        Set the same TRUEDY_ENCRYPTION_KEYS as for the workers.\n' +
      '        temporal truedy config show',
    EXIT.settings,
  );
}
