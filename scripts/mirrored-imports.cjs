const { existsSync, readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');

const ROOT = join(__dirname, '..');

/**
 * A dependency extractor for jest: `test/a/b.test.ts` imports only `src/a/b`, and those imports of `b` from the same
 * folder that have no test of their own. A mutant then runs only the tests of its file, instead of almost all tests.
 */
module.exports = {
  extract(code, file, extract) {
    const [, path] = /test[\\/]((?:[\w-]+[\\/])+[\w-]+)\.test\.ts$/.exec(file) ?? [];
    if (path === undefined || !existsSync(sourceOf(path))) return new Set();
    const up = '../'.repeat(path.split(/[\\/]/).length);
    return new Set([...testedWith(path, extract)].map((tested) => `${up}src/${tested}`));
  },
  getCacheKey: () => 'mirrored imports and their parts',
};

function testedWith(path, extract, tested = new Set()) {
  if (tested.has(path)) return tested;
  tested.add(path);
  const source = sourceOf(path);
  for (const name of extract(readFileSync(source, 'utf8'), source)) {
    if (!/^\.\/[\w-]+$/.test(name)) continue;
    const part = `${dirname(path)}/${name.slice(2)}`;
    if (!existsSync(join(ROOT, `test/${part}.test.ts`))) testedWith(part, extract, tested);
  }
  return tested;
}

function sourceOf(path) {
  return join(ROOT, `src/${path}.ts`);
}
