import type { IncomingMessage } from 'node:http';
import { types } from 'node:util';
import { bodyOf, bodyOfFetch, MAX_BODY_BYTES, readBody, type Unread } from './body';
import type { BodyCapacity } from './body-capacity';

/** A request of Node's HTTP server, with what a framework may already have read of it. */
export type NodeRequest = IncomingMessage & {
  readonly body?: unknown;
  /** The bytes beside a parsed `body`: NestJS with `rawBody: true`, Google Cloud Functions. */
  readonly rawBody?: unknown;
};

/** The exact bytes of a body are lost: something read it first and kept only what it parsed. */
export class BodyConsumedError extends Error {
  override readonly name = 'BodyConsumedError';
}

/**
 * The bytes of a Node request: what a framework kept of them, else the stream itself.
 *
 * @throws BodyConsumedError
 */
export async function readNodeBody(
  request: NodeRequest,
  capacity: BodyCapacity,
): Promise<Uint8Array | Unread> {
  const kept = bytesOf(request.rawBody) ?? bytesOf(request.body);
  if (kept !== undefined) return limited(kept);
  // Not decided by `body`: Express 4 sets it to `{}` without reading the stream.
  if (request.readableDidRead) throw new BodyConsumedError();
  return readBody(bodyOf(request), capacity);
}

/** The bytes of a fetch `Request`. @throws BodyConsumedError */
export async function readFetchBody(
  request: Request,
  capacity: BodyCapacity,
): Promise<Uint8Array | Unread> {
  if (request.bodyUsed || request.body?.locked) throw new BodyConsumedError();
  return readBody(bodyOfFetch(request), capacity);
}

/** The bytes that a program passes, perhaps from a variable without a type. @throws BodyConsumedError */
export function givenBody(rawBody: unknown): Uint8Array | Unread {
  const bytes = bytesOf(rawBody);
  if (bytes === undefined) throw new BodyConsumedError();
  return limited(bytes);
}

// --- internal ---

/** Text is accepted because some frameworks decode a body without parsing it. UTF-8 returns to the same bytes. */
function bytesOf(value: unknown): Uint8Array | undefined {
  if (typeof value === 'string') return Buffer.from(value);
  return types.isUint8Array(value) ? value : undefined;
}

function limited(bytes: Uint8Array): Uint8Array | Unread {
  return bytes.byteLength > MAX_BODY_BYTES ? 'too_large' : bytes;
}
