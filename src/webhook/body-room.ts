/** Memory for bodies that are still arriving, and so are not verified yet. */
export interface BodyRoom {
  /** @param giveUp Called once if the place is taken away, never after `leave`. */
  enter(giveUp: () => void): Place;
}

interface Place {
  /** Holds so many bytes in all from now on. The place may be lost by that. */
  hold(bytes: number): void;
  isLost(): boolean;
  leave(): void;
}

/**
 * Full, it takes the place of the body that began first. A genuine delivery arrives within moments, so
 * bodies that are kept unfinished on purpose make room for it, and never the other way around.
 */
export function createBodyRoom(mostBytes: number): BodyRoom {
  const evictions = new Set<() => void>();
  let taken = 0;
  return {
    enter(giveUp) {
      let held = 0;
      const leave = () => {
        evictions.delete(evict);
        taken -= held;
        held = 0;
      };
      const evict = () => {
        leave();
        giveUp();
      };
      evictions.add(evict);
      return {
        hold(bytes) {
          if (!evictions.has(evict)) return;
          taken += bytes - held;
          held = bytes;
          for (const evictOldest of evictions) {
            if (taken <= mostBytes) break;
            evictOldest();
          }
        },
        isLost: () => !evictions.has(evict),
        leave,
      };
    },
  };
}
