import { Hono, type Context } from 'hono';
import { createHealth, type Health } from '../health';
import { createReceiver, type Received, type ReceiverOptions } from './receive';

/** The one path deliveries come to, compared as it is sent. */
export const WEBHOOK_PATH = '/webhooks/truedy';

const MAX_BODY_BYTES = 1024 * 1024;
const RETRY_AFTER_SECONDS = '5';

export interface WebhookAppOptions extends ReceiverOptions {
  readonly health: Health;
  /** Told of every delivery; the sender of a refused one learns no reason. */
  readonly onReceived?: (received: Received) => void;
  /** Told of a request that could not be answered, such as one whose sender left within its body. */
  readonly onFault?: (error: Error) => void;
}

/** The bridge as an app: path, method, declared length, and then `receive`. */
export function createWebhookApp(options: WebhookAppOptions): Hono {
  const receive = createReceiver(options);
  const app = new Hono({ strict: true });
  app.use(async (context, next) => {
    await next();
    context.header('cache-control', 'no-store');
    context.header('x-content-type-options', 'nosniff');
  });
  app.post(WEBHOOK_PATH, async (context) => {
    if (Number(context.req.header('content-length') ?? 0) > MAX_BODY_BYTES) {
      return answer(context, { status: 413, fate: 'too_large' });
    }
    const received = await receive({
      header: (name) => context.req.header(name),
      readBody: () => readLimited(context.req.raw.body),
    });
    return answer(context, received);
  });
  app.all(WEBHOOK_PATH, (context) => context.body(null, 405, { allow: 'POST' }));
  app.route('/', createHealth(options.health));
  app.notFound((context) => context.body(null, 404));
  // Hono's own handler would print the stack.
  app.onError((error, context) => {
    options.onFault?.(error);
    return context.body(null, 500);
  });
  return app;

  function answer(context: Context, received: Received): Response {
    options.onReceived?.(received);
    const { status } = received;
    if (status === 204) return context.body(null, 204);
    if (status === 503) context.header('retry-after', RETRY_AFTER_SECONDS);
    // What is left of a body that was not read would be taken for the next request.
    if (status === 413 || status === 415) context.header('connection', 'close');
    return context.json({ error: ERRORS[status] }, status);
  }
}

/** One text for each status: a sender without the secret learns nothing from it. */
const ERRORS = {
  401: 'unauthorized',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  422: 'unprocessable',
  503: 'unavailable',
} as const;

async function readLimited(
  body: ReadableStream<Uint8Array> | null,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
