import type { Context } from 'hono';
import type { Received } from './receive';

const RETRY_AFTER_SECONDS = '5';

/** One text per status, so that a sender without the secret learns nothing from it. */
const ERRORS = {
  401: 'unauthorized',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  422: 'unprocessable',
  503: 'unavailable',
} as const;

export function deliveryResponse(context: Context, { status }: Received): Response {
  if (status === 204) return context.body(null, 204);
  if (status === 503) context.header('retry-after', RETRY_AFTER_SECONDS);
  // The rest of an unread body would be parsed as the next request. Only accepted senders keep their connection.
  context.header('connection', 'close');
  return context.json({ error: ERRORS[status] }, status);
}
