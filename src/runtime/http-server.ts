import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { portOf } from './addresses';
import { trackConnections } from './connections';
import type { HttpRefusal } from './http-refusal';
import { validateRequest } from './validate-request';

/** How long `close` waits for unanswered requests. Temporal accounts for at most three seconds of one. */
const CLOSE_LIMIT_MS = 5_000;
/** Each costs about 20 KiB. A silent one is closed after `HEADERS_LIMIT_MS`. */
const MAX_CONNECTIONS = 4_096;
const HEADERS_LIMIT_MS = 5_000;
const REQUEST_LIMIT_MS = 10_000;
const KEEP_ALIVE_MS = 5_000;

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** How long an idle connection stays open, in milliseconds. Default 5 s. */
  readonly keepAliveMs?: number;
  /** Called for each request that does not reach the app and each refused connection. */
  readonly onRefused?: (refusal: HttpRefusal) => void;
  /** Whether a path may be followed by a query. Default false. */
  readonly allowsQuery?: boolean;
  /** Whether to answer `Expect: 100-continue` with 100, which asks the client for the body. Default: never. */
  readonly shouldSendContinue?: (request: IncomingMessage) => boolean;
}

/**
 * Starts a server that is stricter than Node's. It validates requests as received, before a fetch `Request` normalizes
 * them, for example a `..` in the path or a repeated header.
 */
export async function listen(
  app: { readonly fetch: Parameters<typeof getRequestListener>[0] },
  {
    host,
    port,
    keepAliveMs = KEEP_ALIVE_MS,
    onRefused = () => undefined,
    allowsQuery = false,
    shouldSendContinue = () => false,
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
    // `validateRequest` checks and reports it.
    requireHostHeader: false,
  });
  server.maxConnections = MAX_CONNECTIONS;
  const connections = trackConnections(server, onRefused);
  const refuse = (
    { socket }: IncomingMessage,
    response: ServerResponse,
    refusal: Omit<HttpRefusal, 'source'> & { readonly status: number },
  ) => {
    onRefused({ ...refusal, source: connections.sourceOf(socket) });
    response.writeHead(refusal.status, { connection: 'close', 'content-length': 0 }).end();
  };
  const guard: RequestListener = (request, response) => {
    if (!connections.admit(request, response)) return;
    const problem = validateRequest(request, allowsQuery);
    if (problem === undefined) void handle(request, response);
    else refuse(request, response, problem);
  };
  server.on('request', guard);
  server.on('checkContinue', (request, response) => {
    if (shouldSendContinue(request)) response.writeContinue();
    guard(request, response);
  });
  server.on('checkExpectation', (request, response) => {
    if (!connections.admit(request, response)) return;
    refuse(request, response, { reason: 'expectation', status: 417 });
  });
  server.listen(port, host);
  await once(server, 'listening');
  return { server, port: portOf(server) };
}

/** Stops accepting connections and waits until all requests are answered, at most for the limit. */
export async function close(server: Server, limitMs = CLOSE_LIMIT_MS): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  // A closing server applies no timeouts, so one unfinished request would keep it open forever.
  const limit = setTimeout(() => server.closeAllConnections(), limitMs);
  await closed;
  clearTimeout(limit);
}
