import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import { createEncryptionCodec } from './encryption';

/** Larger than any response of Temporal, which is at most 4 MB, in base64. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Why a request was refused. */
export interface CodecRefusal {
  readonly reason: 'token' | 'origin' | 'body' | 'not_found';
  readonly status: 400 | 401 | 403 | 404 | 413;
  /** The address of the peer. */
  readonly source: string;
}

export interface CodecServerOptions {
  /** `id:base64 of 32 bytes`, comma separated. The first key encrypts; all of them decrypt. */
  readonly keys: string;
  /**
   * Required as `Authorization: Bearer <token>` or, for the Temporal UI, which sends no header of ours, as the first
   * segment of the path. Default: none, so every program that can connect can read payloads, and write them.
   */
  readonly token?: string;
  /** The origins of the pages that may use the server, such as `http://localhost:8233`. Default: none. */
  readonly allowOrigins?: readonly string[];
  /** Called for each refused request, because the `temporal` command does not show the response. */
  readonly onRefused?: (refusal: CodecRefusal) => void;
  /** Called for each payload whose key is missing. The response contains it unchanged. */
  readonly onUnknownKey?: (keyId: string) => void;
}

/**
 * Temporal's remote codec protocol, for the Temporal UI and `temporal --codec-endpoint`: `POST /decode` and
 * `POST /encode` with `{ payloads: [{ metadata, data }] }` in JSON with base64.
 *
 * @throws TypeError if `keys` is malformed.
 */
export function createCodecServer(options: CodecServerOptions) {
  const { token } = options;
  const codec = createEncryptionCodec(options);
  const allowOrigins = new Set(options.allowOrigins);
  const app = new Hono<{ Bindings: Bindings }>();

  app.use(async (context, next) => {
    const origin = context.req.header('origin');
    if (origin !== undefined && !allowOrigins.has(origin)) return refuse(context, 'origin', 403);
    if (origin !== undefined) setCors(context, origin);
    return next();
  });
  // A browser asks without a token.
  app.options('*', (context) => context.body(null, 204));
  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError: (one) => refuse(one, 'body', 413) }));
  app.post('/decode', (context) => answer(context, decode));
  app.post('/encode', (context) => answer(context, codec.encode));
  app.post('/:token/decode', (context) => answer(context, decode));
  app.post('/:token/encode', (context) => answer(context, codec.encode));
  app.notFound((context) => refuse(context, 'not_found', 404));
  return { fetch: app.fetch };

  async function answer(context: CodecContext, convert: PayloadCodec['encode']): Promise<Response> {
    if (token !== undefined && !tokensOf(context).some((given) => isSame(given, token))) {
      return refuse(context, 'token', 401);
    }
    const body: unknown = await context.req.json().catch(() => undefined);
    const { data } = PAYLOADS.safeParse(body);
    if (data === undefined) return refuse(context, 'body', 400);
    const payloads = await convert(data.payloads.map(fromJson));
    return context.json({ payloads: payloads.map(toJson) });
  }

  /** A missing key must not hide the other payloads: the `temporal` command would only report a timeout. */
  async function decode(payloads: Payload[]): Promise<Payload[]> {
    const decoded = payloads.map((one) => codec.decode([one]).catch(() => [one]));
    return (await Promise.all(decoded)).flat();
  }

  function refuse(
    context: Context,
    reason: CodecRefusal['reason'],
    status: CodecRefusal['status'],
  ): Response {
    options.onRefused?.({ reason, status, source: sourceOf(context) });
    return context.json({ message: `refused: ${reason}` }, status);
  }
}

// --- internal ---

/** Set by our own HTTP server, absent under any other one. */
interface Bindings {
  readonly incoming?: IncomingMessage;
}
type CodecContext = Context<{ Bindings: Bindings }>;

const base64 = z.base64().transform((text) => Buffer.from(text, 'base64'));
const PAYLOADS = z.object({
  payloads: z
    .array(
      z.object({ metadata: z.record(z.string(), base64).default({}), data: base64.optional() }),
    )
    .default([]),
});
type JsonPayload = z.infer<typeof PAYLOADS>['payloads'][number];

function fromJson({ metadata, data }: JsonPayload): Payload {
  return { metadata, data: data ?? Buffer.alloc(0) };
}

function toJson({ metadata, data }: Payload): object {
  const entries = Object.entries(metadata ?? {});
  return {
    metadata: Object.fromEntries(entries.map(([name, value]) => [name, toBase64(value)])),
    data: toBase64(data ?? new Uint8Array()),
  };
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function setCors(context: Context, origin: string): void {
  context.header('access-control-allow-origin', origin);
  context.header('access-control-allow-methods', 'POST, OPTIONS');
  context.header('access-control-allow-headers', 'content-type, x-namespace, authorization');
  context.header('vary', 'origin');
}

/** In the header, where the UI may send a token of its own, and in the path. */
function tokensOf({ req }: Context): readonly string[] {
  const [, bearer = ''] = /^Bearer (.+)$/i.exec(req.header('authorization') ?? '') ?? [];
  return [bearer, req.param('token') ?? ''];
}

function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function sourceOf({ env }: Context<{ Bindings: Bindings }>): string {
  return env?.incoming?.socket.remoteAddress ?? 'unknown';
}
