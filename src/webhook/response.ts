import type { Context } from 'hono';
import type { Received } from './receive';

/** Headers of every response. */
export const SAFE_HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

const RETRY_AFTER_SECONDS = '5';

/** One text per status, so that a sender without the secret learns nothing from it. */
const ERRORS = {
  401: 'unauthorized',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  422: 'unprocessable',
  503: 'unavailable',
} as const;

/** The HTTP response to a delivery, for any server. `body` is empty for 204. */
export function responseTo({ status }: Pick<Received, 'status'>) {
  const headers: Record<string, string> = { ...SAFE_HEADERS };
  if (status === 204) return { status, headers, body: '' };
  headers['content-type'] = 'application/json';
  if (status === 503) headers['retry-after'] = RETRY_AFTER_SECONDS;
  return { status, headers, body: JSON.stringify({ error: ERRORS[status] }) };
}

/** The HTTP response to a delivery, from a server of ours. */
export function deliveryResponse(context: Context, received: Received): Response {
  const { status, headers, body } = responseTo(received);
  if (status === 204) return context.body(null, status, headers);
  // The rest of an unread body would be parsed as the next request. Only accepted senders keep their connection.
  return context.body(body, status, { ...headers, connection: 'close' });
}
