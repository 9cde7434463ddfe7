import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { Client, errors, type buildConnector, type Dispatcher } from 'undici';
import { createConnector } from './connect';
import { TruedyContractError, TruedyError, TruedyNetworkError, TruedyNotSentError } from './errors';
import { toResponseError } from './error-response';

/** A complete request. Only the length of its body is added. */
export interface HttpRequest {
  /** For messages: method and path, with ids but without phone numbers. */
  readonly name: string;
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
  /** Deadline of the complete answer, including the time to connect. */
  readonly limitMs: number;
  readonly maxBytes: number;
  /** The request goes through a tunnel of this proxy. Absent: directly. */
  readonly proxy?: URL | undefined;
  readonly onHead?: (head: AnswerHead) => void;
  /** Called on the established connection, just before the first byte. `false` closes it and sends nothing. */
  readonly beforeSend?: () => Promise<boolean>;
  /**
   * Called after `beforeSend`, in the same step as the write of the first byte, for what may have changed since then:
   * the time. `false` closes the connection and sends nothing. Requires a body.
   */
  readonly isInTime?: () => boolean;
}

/** What is known of an answer before its body is read. */
export interface AnswerHead {
  readonly status: number;
  /** The `Date` header: the sender's clock, in whole seconds. */
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
 * It does not use `fetch`, which adds headers. It never retries, and follows no redirect. A new connection proves
 * whether a byte can have been sent, also through a proxy, whose tunnel is open before the request is written.
 *
 * @throws TruedyResponseError The status is not 2xx.
 * @throws TruedyNetworkError No complete answer; `mayBeSent` says whether the request can have been sent.
 * @throws TruedyNotSentError `beforeSend` or `isInTime` returned false, or failed.
 * @throws TruedyContractError A complete 2xx answer is not JSON.
 * @throws TypeError, RangeError and similar for a bug in our own code; never a `TruedyError`.
 */
export async function exchange(request: HttpRequest, nowMs: () => number): Promise<HttpAnswer> {
  // A scaled limit can be a fraction, which `AbortSignal.timeout` rejects.
  const limitMs = Math.ceil(request.limitMs);
  const connection = { established: false, limit: AbortSignal.timeout(limitMs) };
  const connect = createConnector(Math.min(CONNECT_LIMIT_MS, limitMs), request.proxy);
  const client = new Client(request.url.origin, {
    connect: trackedConnector(connection, connect, request),
    pipelining: 0,
    maxHeaderSize: MAX_HEADER_BYTES,
    maxResponseSize: request.maxBytes,
    // The abort signal below limits all of them together.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  try {
    const answer = await client.request({
      method: request.method,
      path: `${request.url.pathname}${request.url.search}`,
      ...headersAndBody(request),
      signal: connection.limit,
      reset: true,
    });
    const { date } = answer.headers;
    request.onHead?.({ status: answer.statusCode, date: [date].flat()[0] });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    return toAnswer(request, answer, bytes, nowMs());
  } catch (error) {
    if (error instanceof TruedyError || isOwnBug(error)) throw error;
    // The parser's error contains bytes of the answer, which must not reach the logs.
    const options = error instanceof errors.HTTPParserError ? {} : { cause: error };
    throw new TruedyNetworkError(request.name, problemOf(error), connection.established, options);
  } finally {
    // Not awaited, because a connection that hangs in its handshake delays it for seconds.
    client.destroy().catch(() => undefined);
  }
}

// --- internal ---

/** Records when the connection is complete. Until then no byte of the request can be sent. */
function trackedConnector(
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
      // undici takes the request up within this call. It reads the body, which checks `isInTime`, before it writes a byte.
      connection.established = true;
      callback(...result);
    });
  };
}

/**
 * undici writes the head of a request together with the first chunk of its body. As a stream, the body is checked and
 * written in one synchronous step, after everything else that takes time: a tenth of a millisecond, where the check on
 * the connection precedes the first byte by up to four in a new process.
 */
function headersAndBody({ name, headers, body, isInTime }: HttpRequest) {
  if (body === undefined || isInTime === undefined) {
    return { headers: headers.flat(), body: body ?? null };
  }
  const bytes = Buffer.from(body);
  const checked = new Readable({
    read() {
      if (isInTimeOrFails(isInTime)) {
        this.push(bytes);
        this.push(null);
      } else this.destroy(new TruedyNotSentError(name, 'was late and was not sent'));
    },
  });
  return { headers: [...headers.flat(), 'content-length', String(bytes.length)], body: checked };
}

function isInTimeOrFails(isInTime: () => boolean): boolean {
  try {
    return isInTime();
  } catch {
    return false;
  }
}

/** Why nothing may be sent on a new connection. A `beforeSend` that fails counts as `false`. */
async function objectionTo(
  { name, beforeSend = async () => true }: HttpRequest,
  socket: Socket,
  limit: AbortSignal,
): Promise<Error | undefined> {
  // undici does not abort a request that has not been written yet.
  const tooLate = new Promise<false>((end) => {
    limit.addEventListener('abort', () => end(false), { once: true });
  });
  const isWanted = await Promise.race([tooLate, isAllowed(beforeSend)]);
  if (limit.aborted) return limit.reason;
  if (!isWanted) return new TruedyNotSentError(name, 'was canceled before it was sent');
  return socket.destroyed ? new Error('The connection was closed before it was used') : undefined;
}

async function isAllowed(beforeSend: () => Promise<boolean>): Promise<boolean> {
  try {
    return await beforeSend();
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
      `answered ${status} with an encoding that was not requested`,
    );
  }
  try {
    return { status, json: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch {
    throw new TruedyContractError(request.name, `answered ${status} without JSON`);
  }
}

/** A short description. Messages of socket errors contain host names and addresses, so they are not used. */
function problemOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'failed';
  if ('name' in error && error.name === 'TimeoutError')
    return 'timed out before the answer was complete';
  return 'code' in error && typeof error.code === 'string' ? `failed (${error.code})` : 'failed';
}

const OWN_BUGS: ReadonlySet<string> = new Set([
  'InvalidArgumentError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
]);

/** Whether the error is a bug of ours. Checked by name, because errors of Node's core can be from another realm. */
function isOwnBug(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'name' in error &&
    OWN_BUGS.has(String(error.name))
  );
}
