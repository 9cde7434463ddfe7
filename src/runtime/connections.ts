import { STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HttpRefusal } from './http-refusal';

/** Unanswered requests per connection. Senders and proxies wait for each response, so they need only one. */
const MAX_UNANSWERED = 8;

/** Responses to errors of Node's parser. They replace Node's own responses, which are neither counted nor logged. */
const PARSER_RESPONSES: ReadonlyMap<unknown, Pick<HttpRefusal, 'reason' | 'status'>> = new Map([
  ['HPE_HEADER_OVERFLOW', { reason: 'headers_too_large', status: 431 }],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', { reason: 'malformed', status: 413 }],
  ['ERR_HTTP_REQUEST_TIMEOUT', { reason: 'timeout', status: 408 }],
  ['ECONNRESET', { reason: 'disconnected' }],
  ['EPIPE', { reason: 'disconnected' }],
]);
const MALFORMED = { reason: 'malformed', status: 400 } as const;

/** Limits the unanswered requests of each connection of a server, and reports what it refuses. */
export function trackConnections(server: Server, onRefused: (refusal: HttpRefusal) => void) {
  const unanswered = new WeakMap<Duplex, Set<ServerResponse>>();
  // A closed socket no longer has the address of its peer.
  const sources = new WeakMap<Duplex, string>();
  const sourceOf = (socket: Duplex) => sources.get(socket) ?? 'unknown';

  server.on('connection', (socket) => sources.set(socket, socket.remoteAddress ?? 'unknown'));
  server.on('drop', (data) => {
    onRefused({ reason: 'too_many_connections', source: data?.remoteAddress ?? 'unknown' });
  });
  server.on('connect', (_, socket) => {
    onRefused({ reason: 'method', detail: 'CONNECT', source: sourceOf(socket) });
    socket.destroy();
  });
  server.on('clientError', (error, socket) => {
    const code = 'code' in error ? String(error.code) : undefined;
    const refused = PARSER_RESPONSES.get(code) ?? MALFORMED;
    const detail = code !== undefined && { detail: code };
    onRefused({ ...refused, source: sourceOf(socket), ...detail });
    // Must not interrupt a response that is already being written.
    const isResponding = [...(unanswered.get(socket) ?? [])].some(({ headersSent }) => headersSent);
    if (refused.status !== undefined && socket.writable && !isResponding) {
      const line = `HTTP/1.1 ${refused.status} ${STATUS_CODES[refused.status]}`;
      socket.write(`${line}\r\nConnection: close\r\n\r\n`);
    }
    socket.destroy();
  });

  return {
    sourceOf,
    /** Counts a request until it is answered. Returns `false`, with the connection closed, if there are too many. */
    admit(request: IncomingMessage, response: ServerResponse): boolean {
      const { socket } = request;
      // Node parses every request of a packet, even those after the one that closed the connection.
      if (socket.destroyed) return false;
      const responses = unanswered.get(socket) ?? new Set();
      unanswered.set(socket, responses.add(response));
      response.once('close', () => responses.delete(response));
      if (responses.size <= MAX_UNANSWERED) return true;
      onRefused({ reason: 'pipelined', source: sourceOf(socket) });
      socket.destroy();
      return false;
    },
  };
}
