import { setTimeout as sleep } from 'node:timers/promises';
import { Hono, type HonoRequest } from 'hono';
import { createHealth, type Health } from '../health';
import { answer } from './answer';
import { createBodyReader, MAX_BODY_BYTES } from './body';
import { createFailures } from './failures';
import { createReceiver, type Received, type ReceiverOptions } from './receive';
import { createRoom } from './room';

/** The one path deliveries come to, compared as it is sent. */
export const WEBHOOK_PATH = '/webhooks/truedy';

/** Bodies that may be in memory at once, whoever sent them; a genuine one that finds no room comes again. */
const MAX_BYTES_IN_FLIGHT = 32 * MAX_BODY_BYTES;

const FLOOD_DELAY_MS = 1_000;

export interface WebhookAppOptions extends ReceiverOptions {
  readonly health: Health;
  /** Default 32 MiB. */
  readonly maxBytesInFlight?: number;
  /**
   * Told of every delivery; the sender of a refused one learns no reason. `isOver`: one of over a hundred
   * in a minute that its source was answered 401, after the first, which `onFlood` is told of.
   */
  readonly onReceived?: (received: Received, isOver: boolean) => void;
  readonly onFlood?: (source: string) => void;
  /** How a source of a flood is made to wait for its 401. Default: a second. */
  readonly slowDown?: () => Promise<unknown>;
  /** Told of a request that could not be answered, such as one whose sender left within its body. */
  readonly onFault?: (error: Error) => void;
}

/** The bridge as an app: path, method, declared length, and then `receive`. */
export function createWebhookApp(options: WebhookAppOptions) {
  const { slowDown = () => sleep(FLOOD_DELAY_MS) } = options;
  const receive = createReceiver(options);
  const failures = createFailures(options.now);
  const room = createRoom(options.maxBytesInFlight ?? MAX_BYTES_IN_FLIGHT);
  const app = new Hono<{ Bindings: Bindings }>({ strict: true });
  app.use(async (context, next) => {
    await next();
    context.header('cache-control', 'no-store');
    context.header('x-content-type-options', 'nosniff');
  });
  app.post(WEBHOOK_PATH, async (context) => {
    const received = await read(context.req);
    const isRefused = received.status === 401;
    const source = context.env?.incoming?.socket.remoteAddress ?? 'unknown';
    const rate = isRefused ? failures.count(source) : 'usual';
    options.onReceived?.(received, rate === 'over');
    if (rate === 'first_over') options.onFlood?.(source);
    if (rate !== 'usual') await slowDown();
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

  async function read(request: HonoRequest): Promise<Received> {
    if (Number(request.header('content-length') ?? 0) > MAX_BODY_BYTES) {
      return { status: 413, fate: 'too_large' };
    }
    const body = createBodyReader(request.raw.body, room);
    try {
      return await receive({ header: (name) => request.header(name), readBody: body.read });
    } finally {
      body.release();
    }
  }
}

// --- internal ---

/** What the server below tells of a request; a test without one tells nothing. */
interface Bindings {
  readonly incoming?: { readonly socket: { readonly remoteAddress?: string } };
}
