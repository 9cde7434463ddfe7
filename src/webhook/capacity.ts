/** A limit on what may be in progress at the same time, such as bytes or signals. */
export interface Capacity {
  /** Reserves an amount. Returns `false` and reserves nothing if less than that is available. */
  reserve(amount: number): boolean;
  release(amount: number): void;
}

export function createCapacity(max: number): Capacity {
  let used = 0;
  return {
    reserve(amount) {
      if (used + amount > max) return false;
      used += amount;
      return true;
    },
    release(amount) {
      used -= amount;
    },
  };
}
