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
