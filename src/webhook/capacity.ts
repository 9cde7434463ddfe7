/** How much of something may be under way at once, bytes or signals. */
export interface Room {
  /** Takes so much of it; `false`, with nothing taken, where there is not so much left. */
  take(amount: number): boolean;
  free(amount: number): void;
}

export function createRoom(most: number): Room {
  let taken = 0;
  return {
    take(amount) {
      if (taken + amount > most) return false;
      taken += amount;
      return true;
    },
    free(amount) {
      taken -= amount;
    },
  };
}
