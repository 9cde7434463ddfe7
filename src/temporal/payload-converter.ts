import {
  defaultPayloadConverter,
  ValueError,
  type PayloadConverter,
  type SerializationContext,
} from '@temporalio/common';
import { inWorkflowContext } from '@temporalio/workflow';
import { keyIdOf, unknownKeyType } from '../codec/undecodable';
import { unreadable } from '../call/untrusted-values';

/**
 * The SDK's default converter, except that a workflow input, signal or update that cannot be decoded becomes a
 * marker instead of an error. The error would fail every workflow task from then on, and block a run with a live
 * call. Handlers reject the marker.
 *
 * Activity results become a marker too, since the workflow validates them. Activity arguments and results of local
 * activities still throw: a worker with the right converter can retry them. So does every encrypted payload that
 * arrives here, on a worker without keys: it waits for a worker that has them.
 *
 * The SDK loads this export by name, from the path given to the worker and the bundler.
 */
export const payloadConverter: PayloadConverter = {
  toPayload: (value, context, hint) => defaultPayloadConverter.toPayload(value, context, hint),
  fromPayload: (payload, context, hint) => {
    try {
      return defaultPayloadConverter.fromPayload(payload, context, hint);
    } catch (error) {
      const keyId = keyIdOf(payload);
      if (keyId !== undefined) throw noKeys(keyId, error);
      if (!isForWorkflow(context)) throw error;
      // The error's message may quote the payload, so only the encoding is kept.
      const encoding = new TextDecoder().decode(payload.metadata?.['encoding'] ?? undefined);
      const marker = defaultPayloadConverter.toPayload(unreadable(encoding));
      return defaultPayloadConverter.fromPayload(marker, context);
    }
  },
};

function isForWorkflow(context: SerializationContext | undefined): boolean {
  if (context?.type !== 'activity') return context?.type === 'workflow';
  return inWorkflowContext() && !context.isLocal;
}

/** Not a `TemporalFailure`, which would fail the run instead of the task. */
function noKeys(keyId: string, cause: unknown): ValueError {
  return new ValueError(
    `${unknownKeyType(keyId)}: this process has no keys. Set TRUEDY_ENCRYPTION_KEYS and restart.`,
    cause,
  );
}
