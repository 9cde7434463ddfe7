import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { isFresh, readClaim } from '../truedy/signature';

/** How long a stop waits for requests under way; Temporal's part of one takes three seconds at most. */
const CLOSE_LIMIT_MS = 5_000;

// No path of ours needs an escape, and the router would resolve one.
const PLAIN_TARGET = /^\/(?!\/)[^?#%]*$/;

/**
 * A server that is strict where Node is not: what a fetch `Request` would already have tidied up, such
 * as `..` in a path or two headers of one name, is judged as it came.
 */
export async function listen(
  app: { readonly fetch: Parameters<typeof getRequestListener>[0] },
  at: { readonly host: string; readonly port: number },
): Promise<{ readonly server: Server; readonly port: number }> {
  const handle = getRequestListener(app.fetch);
  const guard: RequestListener = (request, response) => {
    const status = faultOf(request);
    if (status === undefined) {
      void handle(request, response);
      return;
    }
    response.writeHead(status, { connection: 'close', 'content-length': 0 }).end();
  };
  const server = createServer(
    {
      headersTimeout: 5_000,
      requestTimeout: 10_000,
      keepAliveTimeout: 5_000,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 16 * 1024,
      insecureHTTPParser: false,
    },
    guard,
  );
  server.maxConnections = 512;
  server.on('checkContinue', (request, response) => {
    // A body is only asked for where the headers could still be those of a genuine delivery.
    if (hasClaim(request)) response.writeContinue();
    guard(request, response);
  });
  server.listen(at.port, at.host);
  await once(server, 'listening');
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : at.port };
}

/** Stops taking requests and waits for the ones under way, within a limit. */
export async function close(server: Server, limitMs = CLOSE_LIMIT_MS): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  // A closing server times nothing out any more: one unfinished request would hold it for ever.
  const limit = setTimeout(() => server.closeAllConnections(), limitMs);
  await closed;
  clearTimeout(limit);
}

function hasClaim({ headers }: IncomingMessage): boolean {
  const claim = readClaim((name) => {
    const value = headers[name];
    return typeof value === 'string' ? value : undefined;
  });
  return claim !== undefined && isFresh(claim.timestamp, Date.now());
}

function faultOf(request: IncomingMessage): number | undefined {
  const { httpVersion, headers, url = '' } = request;
  if (httpVersion !== '1.1') return 400;
  const encoding = headers['transfer-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'chunked') return 400;
  if (headers.upgrade !== undefined) return 400;
  const isPlain = PLAIN_TARGET.test(url) && !/\/\.{1,2}(?:\/|$)/.test(url);
  return isPlain ? undefined : 404;
}
