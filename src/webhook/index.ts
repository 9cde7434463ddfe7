import type { ServerResponse } from 'node:http';
import { types } from 'node:util';
import { WorkflowClient, type Client } from '@temporalio/client';
import { createLogger } from '../runtime/log';
import { webhookSecretsSchema } from '../runtime/settings-schema';
import { TRUEDY_CALL_ID } from '../workflows/search-attributes';
import { MAX_UNVERIFIED_BYTES, type Unread } from './body';
import { createBodyCapacity } from './body-capacity';
import { createCorrelate } from './correlate';
import {
  BodyConsumedError,
  givenBody,
  readFetchBody,
  readNodeBody,
  type NodeRequest,
} from './framework-body';
import { createLineLimit, createRateLimitedLog } from './rate-limited-log';
import { createReceiver, isUnverified, type Received } from './receive';
import { responseTo, SAFE_HEADERS } from './response';
import { createSignal, type RunsClient } from './signal';

export type { DeliveryResult, Received } from './receive';
export type { NodeRequest } from './framework-body';

/** Where the handler logs. A pino logger fits, such as Fastify's `app.log`, and so does `console`. */
export interface WebhookLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface WebhookHandlerOptions {
  /** Finds and signals the runs. On a `Connection.lazy`, your server starts without Temporal and answers 503. */
  readonly client: Client;
  /** The secrets of the endpoint in Truedy's dashboard, newest first: 1 to 3, each of 24 characters or more. */
  readonly secrets: readonly string[];
  /** The namespace in which the calls run. Default: that of `client`. */
  readonly namespace?: string;
  /** Default: JSON lines on stderr, or text on a terminal. Never contains a phone number or a transcript. */
  readonly log?: WebhookLog;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
  /** Called for each delivery, for metrics of your own. */
  readonly onReceived?: (received: Received) => void;
}

/** The response to a delivery, to be sent as it is. `body` is JSON, and empty for 204. */
export interface WebhookResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Receives deliveries in a server of your own. The methods can be passed around without their object. */
export interface WebhookHandler {
  /** For servers of web standards: Hono, Next.js route handlers. Pass a request whose body was not read. */
  fetch(this: void, request: Request): Promise<Response>;
  /**
   * For Node's HTTP server and frameworks on it, such as Express and NestJS. Reads the stream, or uses the bytes that a
   * framework left in `request.body` or `request.rawBody`. Resolves once the response was written.
   */
  node(this: void, request: NodeRequest, response: ServerResponse): Promise<void>;
  /** For everything else, such as AWS Lambda and Fastify. */
  receive(
    this: void,
    delivery: {
      /** Called with names in lower case. Several values of one header count as one, joined by commas. */
      readonly header: (name: string) => string | readonly string[] | undefined;
      /** The body exactly as it was received. Bytes, or the text that they are in UTF-8. */
      readonly rawBody: Uint8Array | string;
    },
  ): Promise<WebhookResponse>;
}

/**
 * The webhook bridge as a part of your own server. Each delivery is checked and answered as the bridge does, but path,
 * TLS, connections and timeouts are those of your server; see docs/webhooks.md. Create it once per process: its limits
 * (32 MiB of bodies that are arriving, 32 MiB of verified ones, 256 signals in progress) apply to one handler.
 *
 * No method rejects. A body whose exact bytes are lost, because a parser read it first, is answered 503 and logged as an
 * error: Truedy may send it again, and polling finds the result in any case.
 *
 * @throws TypeError if `secrets` cannot be used.
 */
export function createWebhookHandler(options: WebhookHandlerOptions): WebhookHandler {
  const { client, now = Date.now, onReceived } = options;
  const { namespace = client.options.namespace } = options;
  const { log = createLogger({ name: 'webhook', level: 'info' }) } = options;
  const runs = runsIn(client, namespace);
  const deliveryLog = createDeliveryLog(log, now);
  const capacity = createBodyCapacity(MAX_UNVERIFIED_BYTES);
  const receiveDelivery = createReceiver({
    secrets: checkedSecrets(options.secrets),
    now,
    correlate: createCorrelate(runs, namespace, () =>
      log.warn({ namespace }, `The namespace has no ${TRUEDY_CALL_ID.name}: ${BY_REFERENCE}`),
    ),
    signal: createSignal(runs),
  });

  async function answer(request: ArrivingRequest): Promise<WebhookResponse> {
    const { method, source, header, readBody } = request;
    if (method !== 'POST') return METHOD_NOT_ALLOWED;
    try {
      const received = await receiveDelivery({ header, readBody });
      onReceived?.(received);
      deliveryLog.received(received, source);
      return responseTo(received);
    } catch (error) {
      deliveryLog.failed(error, source);
      return error instanceof BodyConsumedError ? responseTo({ status: 503 }) : FAILED;
    }
  }

  return {
    async fetch(request) {
      const { status, headers, body } = await answer({
        method: request.method,
        source: UNKNOWN_SOURCE,
        header: (name) => request.headers.get(name) ?? undefined,
        readBody: () => readFetchBody(request, capacity),
      });
      return new Response(body === '' ? null : body, { status, headers });
    },
    async node(request, response) {
      const answered = await answer({
        method: request.method,
        source: request.socket.remoteAddress ?? UNKNOWN_SOURCE,
        header: (name) => joined(request.headers[name]),
        readBody: () => readNodeBody(request, capacity),
      });
      write(answered, response);
    },
    receive({ header, rawBody }) {
      return answer({
        method: 'POST',
        source: UNKNOWN_SOURCE,
        header: (name) => joined(header(name)),
        readBody: async () => givenBody(rawBody),
      });
    },
  };
}

// --- internal ---

const UNKNOWN_SOURCE = 'unknown';
const BY_REFERENCE = 'deliveries are matched by reference only. Fix: temporal truedy setup';
const CONSUMED =
  'The body of a delivery was parsed before the webhook handler received it, so its exact bytes are lost and its signature ' +
  'cannot be verified. Answered 503. Fix: keep the raw body of this route; docs/webhooks.md shows how in your framework';
const UNANSWERED = 'A delivery could not be read, or its handling failed. Answered 500';

const METHOD_NOT_ALLOWED = { status: 405, headers: { ...SAFE_HEADERS, allow: 'POST' }, body: '' };
const FAILED = { status: 500, headers: SAFE_HEADERS, body: '' };

interface ArrivingRequest {
  readonly method: string | undefined;
  /** The address of the sender. Each has its own limit of log lines. */
  readonly source: string;
  readonly header: (name: string) => string | undefined;
  readonly readBody: () => Promise<Uint8Array | Unread>;
}

/** Logs every delivery, and up to a limit those that anyone can cause. */
function createDeliveryLog(log: WebhookLog, now: () => number) {
  const logRefusal = createRateLimitedLog(log, now);
  const errorLimit = createLineLimit(now);
  return {
    received(received: Received, source: string): void {
      if (isUnverified(received)) logRefusal(source, received, 'delivery');
      else log.info(received, 'delivery');
    },
    failed(error: unknown, source: string): void {
      const isError = types.isNativeError(error);
      if (isError && 'code' in error && error.code === 'ECONNRESET') {
        return logRefusal(source, { reason: 'disconnected' }, 'refused');
      }
      if (errorLimit.count(source) === 'skip') return;
      const text = error instanceof BodyConsumedError ? CONSUMED : UNANSWERED;
      log.error({ source, error: isError ? error.name : 'unknown' }, text);
    },
  };
}

function checkedSecrets(secrets: readonly string[]): readonly string[] {
  const { data, error } = webhookSecretsSchema.safeParse(secrets);
  if (data !== undefined) return data;
  const problems = error.issues.map(({ message }) => message).join(' and ');
  throw new TypeError(
    `createWebhookHandler: secrets ${problems}. ` +
      "Fix: copy the endpoint's secret from Truedy's dashboard (Settings, Webhooks) with its whsec_",
  );
}

/** The client in another namespace. Not a new `Client`, which would apply the plugins of its connection twice. */
function runsIn(client: Client, namespace: string): RunsClient {
  if (namespace === client.options.namespace) return client;
  const { connection } = client;
  return {
    workflow: new WorkflowClient({ ...client.workflow.options, connection, namespace }),
    withDeadline: (deadline, request) => client.withDeadline(deadline, request),
  };
}

function joined(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' || value === undefined ? value : value.join(', ');
}

function write({ status, headers, body }: WebhookResponse, response: ServerResponse): void {
  if (response.headersSent) return;
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  // The rest of an unread body would be parsed as the next request.
  if (status !== 204) response.setHeader('connection', 'close');
  response.end(body);
}
