/** Processes the items in order, at most `concurrency` at a time. After an error, starts no further item. */
export async function runConcurrently<T>(
  items: readonly T[],
  concurrency: number,
  act: (item: T) => Promise<void>,
): Promise<void> {
  const remaining = items.values();
  let isStopped = false;
  const work = async () => {
    for (const item of remaining) {
      if (isStopped) return;
      await act(item);
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, work));
  } finally {
    isStopped = true;
  }
}
