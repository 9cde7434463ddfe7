import type { IncomingMessage } from 'node:http';
import type { BodyCapacity } from './body-capacity';

export const MAX_BODY_BYTES = 1024 * 1024;
/** The default for bodies that are still arriving. Verified bodies have their own limit. */
export const MAX_UNVERIFIED_BYTES = 32 * MAX_BODY_BYTES;
/** Enough for 1 MiB in chunks of 64 bytes. A small chunk costs as much work as a full packet. */
const MAX_CHUNKS = 16 * 1024;
const INITIAL_BYTES = 4 * 1024;

/** Why a body was not read completely. */
export type Unread = 'too_large' | 'overloaded';

/** A body that is still arriving. */
export interface ArrivingBody {
  /** Throws if the sender disconnects. */
  readonly chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** Ends `chunks`. */
  readonly abort: () => void;
}

/** The body of a Node request. The connection stays open for the response even if the body is not read completely. */
export function bodyOf(request: IncomingMessage): ArrivingBody {
  return {
    chunks: request.iterator({ destroyOnReturn: false }),
    abort: () => request.destroy(),
  };
}

/** The body of a fetch `Request`. It gives no access to its connection, so the sender may continue after an abort. */
export function bodyOfFetch({ body }: Request): ArrivingBody {
  if (body === null) return { chunks: [], abort: () => undefined };
  const reader = body.getReader();
  return { chunks: chunksOf(reader), abort: () => void reader.cancel().catch(() => undefined) };
}

/**
 * Reads a body until its end, a limit, or its eviction from `capacity`. Copies chunks into one growing buffer:
 * kept separately, a chunk of one byte would take about 300 bytes.
 */
export async function readBody(
  body: ArrivingBody,
  capacity: BodyCapacity,
): Promise<Uint8Array | Unread> {
  const reservation = capacity.admit(body.abort);
  let buffer = Buffer.alloc(0);
  let length = 0;
  let count = 0;
  try {
    for await (const chunk of body.chunks) {
      const needed = length + chunk.byteLength;
      if (needed > MAX_BODY_BYTES || ++count > MAX_CHUNKS) return 'too_large';
      if (needed > buffer.byteLength) {
        const size = Math.max(INITIAL_BYTES, needed, 2 * buffer.byteLength);
        const grown = Buffer.alloc(Math.min(size, MAX_BODY_BYTES));
        reservation.resize(grown.byteLength);
        buffer.copy(grown, 0, 0, length);
        buffer = grown;
      }
      if (reservation.isEvicted()) return 'overloaded';
      buffer.set(chunk, length);
      length = needed;
    }
    return reservation.isEvicted() ? 'overloaded' : buffer.subarray(0, length);
  } catch (error) {
    if (reservation.isEvicted()) return 'overloaded';
    throw error;
  } finally {
    reservation.release();
  }
}

// --- internal ---

async function* chunksOf(reader: ReadableStreamDefaultReader<Uint8Array>) {
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // Also when the body is too large: without this, the runtime would keep buffering the rest.
    reader.cancel().catch(() => undefined);
  }
}
