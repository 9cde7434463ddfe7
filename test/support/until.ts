/** Resolves once the condition holds. Rejects if that takes too long for a test. */
export async function until<T>(check: () => Promise<T | undefined | false>): Promise<T> {
  const endMs = Date.now() + 40_000;
  for (;;) {
    const found = await check();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > endMs) throw new Error('The condition did not come to hold in 40 s');
    await new Promise((again) => setTimeout(again, 25));
  }
}
