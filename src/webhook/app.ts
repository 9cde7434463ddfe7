import type { IncomingMessage } from 'node:http';
import { Hono, type Context } from 'hono';
import { createHealth, type Health } from '../runtime/health';
import { answer } from './response';
import { bodyOf, bodyOfFetch, MAX_BODY_BYTES, readBody } from './body';
import { createBodyRoom } from './body-room';
import { createReceiver, type Received, type ReceiverOptions } from './receive';
import type { Refusal } from '../runtime/refusals';

/** The one path deliveries come to, compared as it is sent. */
export const WEBHOOK_PATH = '/webhooks/truedy';

/** Bodies that are still arriving; verified ones have a room of their own. */
const MAX_UNVERIFIED_BYTES = 32 * MAX_BODY_BYTES;

export interface WebhookAppOptions extends ReceiverOptions {
  /** Answered at `/livez` and `/readyz`. Absent: the probes have a port of their own. */
  readonly health?: Health;
  /** Bytes of bodies that are still arriving. Default 32 MiB. */
  readonly maxUnverifiedBytes?: number;
  /** Called for every delivery with the address of its sender, who learns no reason of a refusal. */
  readonly onReceived?: (received: Received, source: string) => void;
  /** Called for every request that is not a delivery. */
  readonly onRefused?: (refusal: Refusal) => void;
}

/** The bridge as an app: path, method, declared length, and then `receive`. */
export function createWebhookApp(options: WebhookAppOptions) {
  const { onReceived, onRefused, health } = options;
  const receive = createReceiver(options);
  const room = createBodyRoom(options.maxUnverifiedBytes ?? MAX_UNVERIFIED_BYTES);
  const app = new Hono<{ Bindings: Bindings }>({ strict: true });
  app.use(async (context, next) => {
    await next();
    context.header('cache-control', 'no-store');
    context.header('x-content-type-options', 'nosniff');
  });
  app.post(WEBHOOK_PATH, async (context) => {
    const received = await read(context);
    onReceived?.(received, sourceOf(context));
    return answer(context, received);
  });
  app.all(WEBHOOK_PATH, (context) => refuse(context, 'method', 405, { allow: 'POST' }));
  if (health !== undefined) app.route('/', createHealth(health));
  app.notFound((context) => refuse(context, 'not_found', 404));
  // Hono's own handler would print the stack.
  app.onError((error, context) => {
    // The server has reported a sender that left within its body.
    const isGone = 'code' in error && error.code === 'ECONNRESET';
    if (!isGone) refuse(context, 'unanswered', 500, {}, error.name);
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
        readBody(env?.incoming ? bodyOf(env.incoming) : bodyOfFetch(request.raw), room),
    });
  }

  function refuse(
    context: BridgeContext,
    reason: Refusal['reason'],
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

/** What the server below knows of a request; nothing where it is another one than ours. */
interface Bindings {
  readonly incoming?: IncomingMessage;
}
type BridgeContext = Context<{ Bindings: Bindings }>;

function sourceOf({ env }: BridgeContext): string {
  return env?.incoming?.socket.remoteAddress ?? 'unknown';
}
