import {
  defaultPayloadConverter,
  type PayloadConverter,
  type SerializationContext,
} from '@temporalio/common';
import { inWorkflowContext } from '@temporalio/workflow';
import { unreadable } from '../call/unreadable';

/**
 * Decodes as the SDK's own converter does, except for what others send to a workflow: its input, signals and
 * updates. A payload of these that cannot be decoded would fail every workflow task from then on, and block a
 * run with a live call. It becomes a marker that no handler takes for anything it knows.
 *
 * So does the result of an activity, which the workflow looks at before it believes it. Arguments of activities
 * still throw, and so do results of local ones: another worker, with the right converter, takes them again.
 *
 * The SDK loads this export by its name, from the path that the worker and the bundler are given.
 */
export const payloadConverter: PayloadConverter = {
  toPayload: (value, context, hint) => defaultPayloadConverter.toPayload(value, context, hint),
  fromPayload: (payload, context, hint) => {
    try {
      return defaultPayloadConverter.fromPayload(payload, context, hint);
    } catch (error) {
      if (!isOfWorkflow(context)) throw error;
      // The error's message may quote the payload, so only the encoding is kept.
      const encoding = new TextDecoder().decode(payload.metadata?.['encoding'] ?? undefined);
      const marker = defaultPayloadConverter.toPayload(unreadable(encoding));
      return defaultPayloadConverter.fromPayload(marker, context);
    }
  },
};

function isOfWorkflow(context: SerializationContext | undefined): boolean {
  if (context?.type !== 'activity') return context?.type === 'workflow';
  return inWorkflowContext() && !context.isLocal;
}
