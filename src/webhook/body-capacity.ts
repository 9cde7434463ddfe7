/** Limits the memory for bodies that are still arriving and therefore not verified. */
export interface BodyCapacity {
  /** @param onEvicted Called at most once, if the body is evicted. Never called after `release`. */
  admit(onEvicted: () => void): Reservation;
}

interface Reservation {
  /** Sets the total bytes of this body. May evict the oldest bodies, including this one. */
  resize(bytes: number): void;
  isEvicted(): boolean;
  release(): void;
}

/**
 * Evicts the oldest body when the limit is exceeded. A genuine delivery arrives within moments, so an attacker who
 * keeps bodies unfinished loses memory to genuine deliveries, never the other way around.
 */
export function createBodyCapacity(maxBytes: number): BodyCapacity {
  const evictions = new Set<() => void>();
  let usedBytes = 0;
  return {
    admit(onEvicted) {
      let ownBytes = 0;
      const release = () => {
        evictions.delete(evict);
        usedBytes -= ownBytes;
        ownBytes = 0;
      };
      const evict = () => {
        release();
        onEvicted();
      };
      evictions.add(evict);
      return {
        resize(bytes) {
          if (!evictions.has(evict)) return;
          usedBytes += bytes - ownBytes;
          ownBytes = bytes;
          for (const evictOldest of evictions) {
            if (usedBytes <= maxBytes) break;
            evictOldest();
          }
        },
        isEvicted: () => !evictions.has(evict),
        release,
      };
    },
  };
}
