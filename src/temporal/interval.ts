/**
 * Runs a task immediately, and again `everyMs` after each run has ended.
 *
 * The timer is unref'd, so it does not keep the process alive.
 *
 * @param task Must not throw.
 * @returns Stops it, without waiting for a run in progress.
 */
export function setPeriodic(everyMs: number, task: () => Promise<void>): () => void {
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
