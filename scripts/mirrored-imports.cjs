const { existsSync, readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');

const ROOT = join(__dirname, '..');

/**
 * A dependency extractor for jest: `test/a/b.test.ts` imports only `src/a/b`, and those imports of `b` from the same
 * folder that have no test of their own. So does `test/a/b-more.test.ts`, unless `src/a/b-more` exists. A mutant then
 * runs only the tests of its file, instead of almost all tests.
 */
module.exports = {
  extract(code, file, extract) {
    const [, test] = /test[\\/]((?:[\w-]+[\\/])+[\w-]+)\.test\.ts$/.exec(file) ?? [];
    const path = test && testedBy(test);
    if (path === undefined) return new Set();
    const up = '../'.repeat(path.split(/[\\/]/).length);
    return new Set([...testedWith(path, extract)].map((tested) => `${up}src/${tested}`));
  },
  getCacheKey: () => 'mirrored imports and their parts',
};

/** `a/b` for `a/b`, `a/b-more` and `a/b-even-more`. */
function testedBy(test) {
  for (let path = test; ; path = path.replace(/-[^-/\\]*$/, '')) {
    if (existsSync(sourceOf(path))) return path;
    if (!/-[^-/\\]*$/.test(path)) return undefined;
  }
}

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
