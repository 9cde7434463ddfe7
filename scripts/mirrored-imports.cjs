/**
 * Tells jest that `test/a/b.test.ts` imports `src/a/b` and no file imports anything else, so that the one test is all
 * that is related to the other: the rules of a file are held by the test that mirrors it.
 */
module.exports = {
  extract(code, file, extract) {
    const [, mirrored] = /test[\\/](\w+[\\/][\w-]+)\.test\.ts$/.exec(file) ?? [];
    return new Set([...extract(code, file)].filter((path) => path.endsWith(`/src/${mirrored}`)));
  },
  getCacheKey: () => 'mirrored imports',
};
