import type { IncomingMessage } from 'node:http';
import type { BodyRoom } from './body-room';

export const MAX_BODY_BYTES = 1024 * 1024;
/** Enough for 1 MiB in chunks of 64 bytes. Each costs as much work as one of a full packet. */
const MAX_CHUNKS = 16 * 1024;
const FIRST_BYTES = 4 * 1024;

/** Why a body was not read to its end. */
export type Unread = 'too_large' | 'overloaded';

/** A body while it arrives. */
export interface ArrivingBody {
  /** Throws when the sender leaves. */
  readonly chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** Ends `chunks`. */
  readonly giveUp: () => void;
}

/** A body as Node receives it. A connection that is not read to its end stays open for the answer. */
export function bodyOf(request: IncomingMessage): ArrivingBody {
  return {
    chunks: request.iterator({ destroyOnReturn: false }),
    giveUp: () => request.destroy(),
  };
}

/** The body of a fetch `Request`, whose connection is out of reach. */
export function bodyOfFetch({ body }: Request): ArrivingBody {
  return { chunks: body ?? [], giveUp: () => undefined };
}

/**
 * Reads one body, up to its limits and for as long as the room keeps its place. Chunks are copied into one
 * buffer as they come: kept one by one, a chunk of one byte would cost some 300.
 */
export async function readBody(body: ArrivingBody, room: BodyRoom): Promise<Uint8Array | Unread> {
  const place = room.enter(body.giveUp);
  let buffer = Buffer.alloc(0);
  let length = 0;
  let count = 0;
  try {
    for await (const chunk of body.chunks) {
      const needed = length + chunk.byteLength;
      if (needed > MAX_BODY_BYTES || ++count > MAX_CHUNKS) return 'too_large';
      if (needed > buffer.byteLength) {
        const capacity = Math.max(FIRST_BYTES, needed, 2 * buffer.byteLength);
        const grown = Buffer.alloc(Math.min(capacity, MAX_BODY_BYTES));
        place.hold(grown.byteLength);
        buffer.copy(grown, 0, 0, length);
        buffer = grown;
      }
      if (place.isLost()) return 'overloaded';
      buffer.set(chunk, length);
      length = needed;
    }
    return buffer.subarray(0, length);
  } catch (error) {
    if (place.isLost()) return 'overloaded';
    throw error;
  } finally {
    place.leave();
  }
}
