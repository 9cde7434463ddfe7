import { Hono, type Context } from 'hono';
import { createHealth, type Health } from '../health';
import { answer } from './answer';
import { createBodyReader, MAX_BODY_BYTES } from './body';
import { createReceiver, type Received, type ReceiverOptions } from './receive';
import { createRoom } from './room';

/** The one path deliveries come to, compared as it is sent. */
export const WEBHOOK_PATH = '/webhooks/truedy';

/** Bodies that may be in memory at once, whoever sent them; a genuine one that finds no room comes again. */
const MAX_BYTES_IN_FLIGHT = 32 * MAX_BODY_BYTES;

export interface WebhookAppOptions extends ReceiverOptions {
  readonly health: Health;
  /** Default 32 MiB. */
  readonly maxBytesInFlight?: number;
  /** Told of every delivery; the sender of a refused one learns no reason. */
  readonly onReceived?: (received: Received) => void;
  /** Told of a request that could not be answered, such as one whose sender left within its body. */
  readonly onFault?: (error: Error) => void;
}

/** The bridge as an app: path, method, declared length, and then `receive`. */
export function createWebhookApp(options: WebhookAppOptions): Hono {
  const receive = createReceiver(options);
  const room = createRoom(options.maxBytesInFlight ?? MAX_BYTES_IN_FLIGHT);
  const app = new Hono({ strict: true });
  app.use(async (context, next) => {
    await next();
    context.header('cache-control', 'no-store');
    context.header('x-content-type-options', 'nosniff');
  });
  app.post(WEBHOOK_PATH, async (context) => {
    if (Number(context.req.header('content-length') ?? 0) > MAX_BODY_BYTES) {
      return told(context, { status: 413, fate: 'too_large' });
    }
    const body = createBodyReader(context.req.raw.body, room);
    try {
      const header = (name: string) => context.req.header(name);
      return told(context, await receive({ header, readBody: body.read }));
    } finally {
      body.release();
    }
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

  function told(context: Context, received: Received): Response {
    options.onReceived?.(received);
    return answer(context, received);
  }
}
