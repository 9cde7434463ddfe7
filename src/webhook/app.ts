import type { IncomingMessage } from 'node:http';
import { Hono, type Context } from 'hono';
import { createHealth, type Health } from '../runtime/health';
import { deliveryResponse, SAFE_HEADERS } from './response';
import { bodyOf, bodyOfFetch, MAX_UNVERIFIED_BYTES, readBody } from './body';
import { createBodyCapacity } from './body-capacity';
import { createReceiver, type Received, type ReceiverOptions } from './receive';
import type { HttpRefusal } from '../runtime/http-refusal';

/** The path of deliveries, compared with the path exactly as sent. */
export const WEBHOOK_PATH = '/webhooks/truedy';

export interface WebhookAppOptions extends ReceiverOptions {
  /** Served at `/livez` and `/readyz`. Absent if the probes have their own port. */
  readonly health?: Health;
  /** Bytes of bodies that are still arriving. Default 32 MiB. */
  readonly maxUnverifiedBytes?: number;
  /** Called for each delivery with the address of its sender. The response does not show the reason of a refusal. */
  readonly onReceived?: (received: Received, source: string) => void;
  /** Called for each request that is not a delivery. */
  readonly onRefused?: (refusal: HttpRefusal) => void;
}

/** The bridge as an app: checks path and method, then calls `receive`. */
export function createWebhookApp(options: WebhookAppOptions) {
  const { onReceived, onRefused, health } = options;
  const receive = createReceiver(options);
  const capacity = createBodyCapacity(options.maxUnverifiedBytes ?? MAX_UNVERIFIED_BYTES);
  const app = new Hono<{ Bindings: Bindings }>({ strict: true });
  app.use(async (context, next) => {
    // Before the response exists. Changing its headers later takes a sixth of the time of a refusal.
    for (const [name, value] of Object.entries(SAFE_HEADERS)) context.header(name, value);
    await next();
  });
  app.post(WEBHOOK_PATH, async (context) => {
    const received = await read(context);
    onReceived?.(received, sourceOf(context));
    return deliveryResponse(context, received);
  });
  app.all(WEBHOOK_PATH, (context) => refuse(context, 'method', 405, { allow: 'POST' }));
  if (health !== undefined) app.route('/', createHealth(health));
  app.notFound((context) => refuse(context, 'not_found', 404));
  // The default handler of Hono would print the stack.
  app.onError((error, context) => {
    // The server has already reported a sender that disconnected while sending its body.
    const isDisconnected = 'code' in error && error.code === 'ECONNRESET';
    if (!isDisconnected) refuse(context, 'unanswered', 500, {}, error.name);
    return context.body(null, 500);
  });
  return app;

  function read({ req: request, env }: BridgeContext): Promise<Received> {
    return receive({
      header: (name) => request.header(name),
      readBody: () =>
        readBody(env?.incoming ? bodyOf(env.incoming) : bodyOfFetch(request.raw), capacity),
    });
  }

  function refuse(
    context: BridgeContext,
    reason: HttpRefusal['reason'],
    status: 404 | 405 | 500,
    headers: Record<string, string> = {},
    detail?: string,
  ): Response {
    const source = sourceOf(context);
    onRefused?.({ reason, status, source, ...(detail !== undefined && { detail }) });
    return context.body(null, status, { ...headers, connection: 'close' });
  }
}

// --- internal ---

/** Set by our own HTTP server, absent under any other one. */
interface Bindings {
  readonly incoming?: IncomingMessage;
}
type BridgeContext = Context<{ Bindings: Bindings }>;

function sourceOf({ env }: BridgeContext): string {
  return env?.incoming?.socket.remoteAddress ?? 'unknown';
}
