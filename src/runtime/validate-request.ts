import type { IncomingMessage } from 'node:http';

export interface RequestProblem {
  readonly reason: 'malformed' | 'not_found';
  readonly status: 400 | 404;
  readonly detail: string;
}

// None of our paths contains an escape, and the router would decode one.
const PLAIN_TARGET = /^\/(?!\/)[^?#%]*$/;
const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)/;
/** RFC 9110 §7.2 without escapes. Any other character could end the host of a URL early and start its path. */
const HOST = /^(?:[A-Za-z0-9._-]+|\[[A-Fa-f0-9:.]+\])(?::\d{1,5})?$/;

/**
 * Checks a request that Node's parser accepts, and returns its problem or `undefined`. Accepts HTTP/1.0, which nginx
 * uses for its upstreams by default, and an `Upgrade`, which a server may ignore (RFC 9110 §7.8).
 *
 * @param allowsQuery Whether the target may have a query. The app must ignore it.
 */
export function validateRequest(
  request: IncomingMessage,
  allowsQuery: boolean,
): RequestProblem | undefined {
  const { httpVersion, headers, headersDistinct, url = '' } = request;
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return malformed('version');
  const encoding = headers['transfer-encoding'];
  // RFC 9112 §6.1: an HTTP/1.0 peer may have framed the body by other rules than this header's.
  if (encoding !== undefined && (httpVersion === '1.0' || encoding.toLowerCase() !== 'chunked')) {
    return malformed('transfer-encoding');
  }
  const [host = '', ...others] = headersDistinct['host'] ?? [];
  if (others.length > 0 || !HOST.test(host) || !URL.canParse(`http://${host}`)) {
    return malformed('host');
  }
  const target = allowsQuery ? url.replace(/\?.*$/, '') : url;
  if (PLAIN_TARGET.test(target) && !DOT_SEGMENT.test(target)) return undefined;
  return { reason: 'not_found', status: 404, detail: 'path' };
}

// --- internal ---

function malformed(detail: string): RequestProblem {
  return { reason: 'malformed', status: 400, detail };
}
