/** The rejection of `withTimeout`. */
export class TimeoutError extends Error {
  constructor() {
    super('no answer');
  }
}

/** Rejects with `TimeoutError` if the promise has not settled within `limitMs`. Does not cancel the underlying work. */
export async function withTimeout<T>(limitMs: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeoutError()), limitMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
