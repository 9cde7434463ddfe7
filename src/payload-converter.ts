import { defaultPayloadConverter, type PayloadConverter } from '@temporalio/common';
import { unreadable } from './call/unreadable';

/**
 * Decodes as the SDK's own converter does, except for what others send to a workflow: its input, signals and
 * updates. A payload of these that cannot be decoded would fail every workflow task from then on, and block a
 * run with a live call. It becomes a marker that no handler takes for anything it knows.
 *
 * Results of activities still throw: a marker in their place could be taken for an answer.
 *
 * The SDK loads this export by its name, from the path that the worker and the bundler are given.
 */
export const payloadConverter: PayloadConverter = {
  toPayload: (value, context, hint) => defaultPayloadConverter.toPayload(value, context, hint),
  fromPayload: (payload, context, hint) => {
    try {
      return defaultPayloadConverter.fromPayload(payload, context, hint);
    } catch (error) {
      if (context?.type !== 'workflow') throw error;
      // The error's message may quote the payload, so only the encoding is kept.
      const encoding = new TextDecoder().decode(payload.metadata?.['encoding'] ?? undefined);
      const marker = defaultPayloadConverter.toPayload(unreadable(encoding));
      return defaultPayloadConverter.fromPayload(marker, context);
    }
  },
};
