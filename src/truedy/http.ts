import type { Socket } from 'node:net';
import { Client, errors, type buildConnector, type Dispatcher } from 'undici';
import { createConnector } from './connect';
import { TruedyContractError, TruedyError, TruedyNetworkError, TruedyNotSentError } from './errors';
import { toResponseError } from './error-response';

/** One request, whole: nothing is added to it but the length of its body. */
export interface HttpRequest {
  /** How messages name it: method and path, with ids and without numbers. */
  readonly name: string;
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
  /** For the whole answer, from the first step of the connection on. */
  readonly limitMs: number;
  readonly maxBytes: number;
  /** The request goes through a tunnel of this proxy. Absent: directly. */
  readonly proxy?: URL | undefined;
  readonly onHead?: (head: AnswerHead) => void;
  /** Asked once the connection is established, just before the first byte; `false` closes it with nothing sent. */
  readonly beforeSend?: () => Promise<boolean>;
}

/** What is seen of an answer before its body is read. */
export interface AnswerHead {
  readonly status: number;
  /** The sender's clock, as its `Date` header tells it: to the second. */
  readonly date: string | undefined;
}

const CONNECT_LIMIT_MS = 5_000;
const MAX_HEADER_BYTES = 32 * 1024;

/** A 2xx answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly json: unknown;
}

/**
 * Sends one request on a connection of its own and returns the JSON of a 2xx answer.
 *
 * Not `fetch`, which adds headers of its own; nothing is repeated or followed. A fresh connection proves
 * whether a byte can have left, also through a proxy: its tunnel stands before the request is written.
 *
 * @throws TruedyResponseError an answer other than 2xx.
 * @throws TruedyNetworkError no whole answer; `mayBeSent` tells whether the request can have left.
 * @throws TruedyNotSentError `beforeSend` objected.
 * @throws TruedyContractError a whole 2xx answer that is no JSON.
 * @throws TypeError, RangeError and their like where our own code is at fault: never a `TruedyError`.
 */
export async function exchange(request: HttpRequest, nowMs: () => number): Promise<HttpAnswer> {
  // A scaled limit can be a fraction, which `AbortSignal.timeout` refuses.
  const limitMs = Math.ceil(request.limitMs);
  const connection = { established: false, limit: AbortSignal.timeout(limitMs) };
  const connect = createConnector(Math.min(CONNECT_LIMIT_MS, limitMs), request.proxy);
  const client = new Client(request.url.origin, {
    connect: connectorThatTells(connection, connect, request),
    pipelining: 0,
    maxHeaderSize: MAX_HEADER_BYTES,
    maxResponseSize: request.maxBytes,
    // The limit below is for all of them.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  try {
    const answer = await client.request({
      method: request.method,
      path: `${request.url.pathname}${request.url.search}`,
      headers: request.headers.flat(),
      body: request.body ?? null,
      signal: connection.limit,
      reset: true,
    });
    const { date } = answer.headers;
    request.onHead?.({ status: answer.statusCode, date: [date].flat()[0] });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    return toAnswer(request, answer, bytes, nowMs());
  } catch (error) {
    if (error instanceof TruedyError || isOwnFault(error)) throw error;
    // The parser's error carries bytes of the answer, which would follow it into logs.
    const options = error instanceof errors.HTTPParserError ? {} : { cause: error };
    throw new TruedyNetworkError(request.name, problemOf(error), connection.established, options);
  } finally {
    // A connection that still hangs in its handshake holds this up for seconds; nobody waits for it.
    client.destroy().catch(() => undefined);
  }
}

// --- internal ---

/** Notes that the connection is complete: before that no byte of the request can leave. */
function connectorThatTells(
  connection: { established: boolean; readonly limit: AbortSignal },
  connect: buildConnector.connector,
  request: HttpRequest,
): buildConnector.connector {
  return (options, callback) => {
    connect(options, async (...result) => {
      const [error, socket] = result;
      const objection = error ?? (await objectionTo(request, socket, connection.limit));
      if (objection !== undefined) {
        socket?.destroy();
        callback(objection, null);
        return;
      }
      // undici writes the request within this call: nothing comes between the question and the bytes.
      connection.established = true;
      callback(...result);
    });
  };
}

/** Why nothing is sent on a connection that has just been established. A question that fails is no permission. */
async function objectionTo(
  { name, beforeSend = async () => true }: HttpRequest,
  socket: Socket,
  limit: AbortSignal,
): Promise<Error | undefined> {
  // undici itself ends no request before it is on its way.
  const tooLate = new Promise<false>((end) => {
    limit.addEventListener('abort', () => end(false), { once: true });
  });
  const isWanted = await Promise.race([tooLate, attempted(beforeSend)]);
  if (limit.aborted) return limit.reason;
  if (!isWanted) return new TruedyNotSentError(name, 'was called off before it was sent');
  return socket.destroyed ? new Error('The connection was closed before it was used') : undefined;
}

async function attempted(question: () => Promise<boolean>): Promise<boolean> {
  try {
    return await question();
  } catch {
    return false;
  }
}

function toAnswer(
  request: HttpRequest,
  answer: Dispatcher.ResponseData,
  bytes: Buffer,
  nowMs: number,
): HttpAnswer {
  const header = (name: string) => {
    const value = answer.headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  const status = answer.statusCode;
  if (status < 200 || status > 299) {
    throw toResponseError(request.name, { status, header, body: bytes.toString('utf8') }, nowMs);
  }
  if ((header('content-encoding') ?? 'identity').toLowerCase() !== 'identity') {
    throw new TruedyContractError(
      request.name,
      `answered ${status} in an encoding nobody asked for`,
    );
  }
  try {
    return { status, json: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch {
    throw new TruedyContractError(request.name, `answered ${status} without JSON`);
  }
}

/** A short word for it: messages of sockets name hosts and addresses, which say nothing here. */
function problemOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'failed';
  if ('name' in error && error.name === 'TimeoutError') return 'got no whole answer in time';
  return 'code' in error && typeof error.code === 'string' ? `failed (${error.code})` : 'failed';
}

const OWN_FAULTS: ReadonlySet<string> = new Set([
  'InvalidArgumentError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
]);

/** A bug of ours, which no network causes. By name: an error of Node's core can be of another realm. */
function isOwnFault(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'name' in error &&
    OWN_FAULTS.has(String(error.name))
  );
}
