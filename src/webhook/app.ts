import type { IncomingMessage } from 'node:http';
import { Hono, type Context } from 'hono';
import { createHealth, type Health } from '../runtime/health';
import { deliveryResponse } from './response';
import { bodyOf, bodyOfFetch, MAX_BODY_BYTES, readBody } from './body';
import { createBodyCapacity } from './body-capacity';
import { createReceiver, type Received, type ReceiverOptions } from './receive';
import type { HttpRefusal } from '../runtime/http-refusal';

/** The path of deliveries, compared with the path exactly as sent. */
export const WEBHOOK_PATH = '/webhooks/truedy';

/** For bodies that are still arriving. Verified bodies have their own limit. */
const MAX_UNVERIFIED_BYTES = 32 * MAX_BODY_BYTES;

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

/** The bridge as an app: checks path, method and declared length, then calls `receive`. */
export function createWebhookApp(options: WebhookAppOptions) {
  const { onReceived, onRefused, health } = options;
  const receive = createReceiver(options);
  const capacity = createBodyCapacity(options.maxUnverifiedBytes ?? MAX_UNVERIFIED_BYTES);
  const app = new Hono<{ Bindings: Bindings }>({ strict: true });
  app.use(async (context, next) => {
    await next();
    context.header('cache-control', 'no-store');
    context.header('x-content-type-options', 'nosniff');
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

  async function read({ req: request, env }: BridgeContext): Promise<Received> {
    if (Number(request.header('content-length') ?? 0) > MAX_BODY_BYTES) {
      return { status: 413, fate: 'too_large' };
    }
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
