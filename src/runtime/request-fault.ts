import type { IncomingMessage } from 'node:http';

export interface RequestFault {
  readonly reason: 'malformed' | 'not_found';
  readonly status: 400 | 404;
  readonly detail: string;
}

// No path of ours needs an escape, and the router would resolve one.
const PLAIN_TARGET = /^\/(?!\/)[^?#%]*$/;
const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)/;
/** RFC 9110 §7.2 without escapes. Anything else could end the host early in a URL and start a path. */
const HOST = /^(?:[A-Za-z0-9._-]+|\[[A-Fa-f0-9:.]+\])(?::\d{1,5})?$/;

/**
 * What is wrong with a request that Node's parser accepts; `undefined` for a sound one. HTTP/1.0 is sound:
 * nginx speaks it to its upstreams by default. So is an `Upgrade`, which a server may ignore (RFC 9110 §7.8).
 */
export function faultOf(request: IncomingMessage): RequestFault | undefined {
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
  if (PLAIN_TARGET.test(url) && !DOT_SEGMENT.test(url)) return undefined;
  return { reason: 'not_found', status: 404, detail: 'path' };
}

// --- internal ---

function malformed(detail: string): RequestFault {
  return { reason: 'malformed', status: 400, detail };
}
