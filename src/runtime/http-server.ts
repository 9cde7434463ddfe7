import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { connectionsOf } from './connections';
import type { Refusal } from './refusals';
import { faultOf } from './request-fault';

/** How long a stop waits for requests under way; Temporal's part of one takes three seconds at most. */
const CLOSE_LIMIT_MS = 5_000;
/** Each costs some 20 KiB. A silent one is closed after `HEADERS_LIMIT_MS`. */
const MAX_CONNECTIONS = 4_096;
const HEADERS_LIMIT_MS = 5_000;
const REQUEST_LIMIT_MS = 10_000;
const KEEP_ALIVE_MS = 5_000;

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** How long an idle connection stays open, in milliseconds. Default 5 s. */
  readonly keepAliveMs?: number;
  /** Called for every request that does not reach the app, and every connection that is refused. */
  readonly onRefused?: (refusal: Refusal) => void;
  /** Whether a client that sends `Expect: 100-continue` is asked for its body. Default: it is not. */
  readonly mayContinue?: (request: IncomingMessage) => boolean;
}

/**
 * A server that is strict where Node is not: what a fetch `Request` would already have tidied up, such
 * as `..` in a path or two headers of one name, is judged as it came.
 */
export async function listen(
  app: { readonly fetch: Parameters<typeof getRequestListener>[0] },
  {
    host,
    port,
    keepAliveMs = KEEP_ALIVE_MS,
    onRefused = () => undefined,
    mayContinue = () => false,
  }: ListenOptions,
): Promise<{ readonly server: Server; readonly port: number }> {
  const handle = getRequestListener(app.fetch);
  const server = createServer({
    headersTimeout: HEADERS_LIMIT_MS,
    requestTimeout: REQUEST_LIMIT_MS,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: 1_000,
    maxHeaderSize: 16 * 1024,
    insecureHTTPParser: false,
    // Checked by `faultOf`, which reports it.
    requireHostHeader: false,
  });
  server.maxConnections = MAX_CONNECTIONS;
  const connections = connectionsOf(server, onRefused);
  const guard: RequestListener = (request, response) => {
    if (!connections.admit(request, response)) return;
    const fault = faultOf(request);
    if (fault === undefined) {
      void handle(request, response);
      return;
    }
    onRefused({ ...fault, source: connections.sourceOf(request.socket) });
    response.writeHead(fault.status, { connection: 'close', 'content-length': 0 }).end();
  };
  server.on('request', guard);
  server.on('checkContinue', (request, response) => {
    if (mayContinue(request)) response.writeContinue();
    guard(request, response);
  });
  server.on('checkExpectation', (request, response) => {
    if (!connections.admit(request, response)) return;
    onRefused({
      reason: 'expectation',
      status: 417,
      source: connections.sourceOf(request.socket),
    });
    response.writeHead(417, { connection: 'close', 'content-length': 0 }).end();
  });
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : port };
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
