import type { Room } from './room';

export const MAX_BODY_BYTES = 1024 * 1024;

/** Why a body was not read to its end. */
export type Unread = 'too_large' | 'overloaded';

/**
 * Reads one request's body, up to its limit and as far as there is room for it beside the others.
 * What it took of the room it holds until `release`: the bytes live as long as the request.
 */
export function createBodyReader(body: ReadableStream<Uint8Array> | null, room: Room) {
  let held = 0;
  return {
    async read(): Promise<Uint8Array | Unread> {
      const chunks: Uint8Array[] = [];
      for await (const chunk of body ?? []) {
        if (held + chunk.byteLength > MAX_BODY_BYTES) return 'too_large';
        if (!room.take(chunk.byteLength)) return 'overloaded';
        held += chunk.byteLength;
        chunks.push(chunk);
      }
      return Buffer.concat(chunks);
    },
    release(): void {
      room.free(held);
      held = 0;
    },
  };
}
