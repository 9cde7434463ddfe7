import { STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Refusal } from './refusals';

/** Requests under way on one connection. Senders and proxies wait for each answer, so they need one. */
const MAX_UNDER_WAY = 8;

/** What Node's parser reports: its own answer is replaced only because it is neither counted nor logged. */
const PARSER_ANSWERS: ReadonlyMap<unknown, Pick<Refusal, 'reason' | 'status'>> = new Map([
  ['HPE_HEADER_OVERFLOW', { reason: 'headers_too_large', status: 431 }],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', { reason: 'malformed', status: 413 }],
  ['ERR_HTTP_REQUEST_TIMEOUT', { reason: 'timeout', status: 408 }],
  ['ECONNRESET', { reason: 'disconnected' }],
  ['EPIPE', { reason: 'disconnected' }],
]);
const MALFORMED = { reason: 'malformed', status: 400 } as const;

/** Watches a server's connections: bounds what one of them may ask at a time, and reports what is refused. */
export function connectionsOf(server: Server, onRefused: (refusal: Refusal) => void) {
  const underWay = new WeakMap<Duplex, Set<ServerResponse>>();
  // A socket forgets its peer when it closes.
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
    const answer = PARSER_ANSWERS.get(code) ?? MALFORMED;
    onRefused({ ...answer, source: sourceOf(socket), ...(code !== undefined && { detail: code }) });
    // An answer that is already being written must not be cut in two by this one.
    const isAnswering = [...(underWay.get(socket) ?? [])].some(({ headersSent }) => headersSent);
    if (answer.status !== undefined && socket.writable && !isAnswering) {
      const line = `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}`;
      socket.write(`${line}\r\nConnection: close\r\n\r\n`);
    }
    socket.destroy();
  });

  return {
    sourceOf,
    /** Counts a request as under way until it is answered. `false`: its connection was closed instead. */
    admit(request: IncomingMessage, response: ServerResponse): boolean {
      const { socket } = request;
      // Node parses all that one packet holds, even behind the request that closed the connection.
      if (socket.destroyed) return false;
      const responses = underWay.get(socket) ?? new Set();
      underWay.set(socket, responses.add(response));
      response.once('close', () => responses.delete(response));
      if (responses.size <= MAX_UNDER_WAY) return true;
      onRefused({ reason: 'pipelined', source: sourceOf(socket) });
      socket.destroy();
      return false;
    },
  };
}
