/** Resolves once the condition holds; fails when it does not within the time of a test. */
export async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  const endMs = Date.now() + 40_000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > endMs) throw new Error('The condition did not come to hold in 40 s');
    await new Promise((again) => setTimeout(again, 25));
  }
}
