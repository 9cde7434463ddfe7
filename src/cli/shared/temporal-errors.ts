import { isGrpcServiceError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { KnownError } from '../../runtime/process';
import type { TemporalSettings } from '../../temporal/client';
import { GRPC_STATUS } from '../../temporal/grpc-status';
import { unreachable } from '../../temporal/unreachable';
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
 * What a person can mend, where the server or the way to it is at fault.
 *
 * @param why What is known of the way there.
 * @returns The error itself where it is neither.
 */
export function toKnownError(
  error: unknown,
  temporal: Pick<TemporalSettings, 'address' | 'namedBy' | 'namespace'>,
  why?: string,
): unknown {
  const { address } = temporal;
  const status = statusOf(error);
  const namespace = missingNamespace(error, status);
  if (namespace !== undefined) {
    return new KnownError(
      `TT1003  There is no namespace ${namespace} at ${address}.\n` +
        '        temporal operator namespace list',
      EXIT.settings,
    );
  }
  const attribute = unknownAttribute(error, temporal.namespace);
  if (attribute !== undefined) return attribute;
  const code: number | undefined = status?.code;
  switch (code) {
    case UNAVAILABLE:
      return new KnownError(unreachable(temporal, why ?? 'no connection'), EXIT.unreachable);
    case DEADLINE_EXCEEDED:
      return new KnownError(unreachable(temporal, why ?? 'no answer in time'), EXIT.unreachable);
    case UNIMPLEMENTED:
      return new KnownError(unreachable(temporal, 'what answers is no Temporal'), EXIT.unreachable);
    case PERMISSION_DENIED:
    case UNAUTHENTICATED:
      return new KnownError(
        `TT1002  Temporal at ${address} does not let us in: ${status?.details ?? ''}\n` +
          '        TEMPORAL_API_KEY, TEMPORAL_NAMESPACE or a profile say who we are:  temporal config get',
        EXIT.settings,
      );
    case undefined:
    default:
      return error;
  }
}

/** The error of a start or query that names a search attribute of ours which the namespace does not have. */
export function unknownAttribute(error: unknown, namespace: string): KnownError | undefined {
  const status = statusOf(error);
  const code: number | undefined = status?.code;
  const details = code === INVALID_ARGUMENT ? (status?.details ?? '') : '';
  if (!/search attribute.*Truedy|Truedy.*search attribute/i.test(details)) return undefined;
  return new KnownError(
    `TT1010  Namespace "${namespace}" does not know our search attributes: ${details}\n` +
      '        Calls run without them, and lists cannot be filtered by them.\n' +
      '        temporal truedy setup --apply',
    EXIT.settings,
  );
}

/** Only a worker can answer for a run, and none did. */
export class UnansweredError extends KnownError {
  override readonly name = 'UnansweredError';

  constructor(message: string, options?: ErrorOptions) {
    super(message, EXIT.unreachable, options);
  }
}

/** The error of a run for which no worker polls. */
export function noWorker(namespace: string, options?: ErrorOptions): UnansweredError {
  return new UnansweredError(
    `TT6001  No worker answers for this call in ${namespace}. It is stored, and goes on when one does.\n` +
      '        npm run worker',
    options,
  );
}

/** The error of a run that a worker has and cannot carry on. */
export function taskFails(
  workflowId: string,
  why: string,
  options?: ErrorOptions,
): UnansweredError {
  return new UnansweredError(
    `TT6003  The workflow task of ${workflowId} fails and is tried again: ${why}\n` +
      "        The call is stored, and continues once the cause is fixed; the worker's log has the stack.\n" +
      `        temporal workflow show --workflow-id ${workflowId}`,
    options,
  );
}

/** Whether the server found nobody to answer for a run, at once or within the time it was given. */
export function isUnanswered(error: unknown): boolean {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return true;
  const code: number | undefined = statusOf(error)?.code;
  return code === CANCELLED || code === DEADLINE_EXCEEDED || code === FAILED_PRECONDITION;
}

/** Whether the server knows us, and does not let us do this. */
export function isForbidden(error: unknown): boolean {
  const code: number | undefined = statusOf(error)?.code;
  return code === PERMISSION_DENIED || code === UNAUTHENTICATED;
}

// --- internal ---

/** The client says it by a class of its own; services that are asked directly say it in words. */
function missingNamespace(
  error: unknown,
  status: { readonly code: number; readonly details: string } | undefined,
): string | undefined {
  if (error instanceof NamespaceNotFoundError) return error.namespace;
  return status?.code === NOT_FOUND
    ? /^Namespace (\S+) is not found/.exec(status.details)?.[1]
    : undefined;
}

/** The status that gRPC gave; the client wraps it in an error of its own. */
function statusOf(error: unknown) {
  if (isGrpcServiceError(error)) return error;
  return error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : undefined;
}
