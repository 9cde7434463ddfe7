/**
 * Runs a task at once and then again and again, each time so long after it ended.
 *
 * It keeps no process alive, and `stop` waits for nothing: a task under way ends unheard.
 *
 * @param task Must not throw.
 */
export function repeat(everyMs: number, task: () => Promise<void>): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const run = async () => {
    await task();
    if (!isStopped) timer = setTimeout(() => void run(), everyMs).unref();
  };
  void run();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

/** The answer, or a rejection once the time is over: the SDK's core goes on trying for ten seconds and more. */
export async function within<T>(limitMs: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), limitMs);
  });
  try {
    return await Promise.race([answer, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
