const { existsSync, readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');

const ROOT = join(__dirname, '..');

/**
 * Tells jest that `test/a/b.test.ts` imports `src/a/b` alone, and what `b` imports from its folder that has no test of
 * its own: a change of a file is held against the tests that answer for it, not against nearly all of them.
 */
module.exports = {
  extract(code, file, extract) {
    const [, path] = /test[\\/]((?:[\w-]+[\\/])+[\w-]+)\.test\.ts$/.exec(file) ?? [];
    if (path === undefined || !existsSync(sourceOf(path))) return new Set();
    const up = '../'.repeat(path.split(/[\\/]/).length);
    return new Set([...heldBy(path, extract)].map((held) => `${up}src/${held}`));
  },
  getCacheKey: () => 'mirrored imports and their parts',
};

function heldBy(path, extract, held = new Set()) {
  if (held.has(path)) return held;
  held.add(path);
  const source = sourceOf(path);
  for (const name of extract(readFileSync(source, 'utf8'), source)) {
    if (!/^\.\/[\w-]+$/.test(name)) continue;
    const part = `${dirname(path)}/${name.slice(2)}`;
    if (!existsSync(join(ROOT, `test/${part}.test.ts`))) heldBy(part, extract, held);
  }
  return held;
}

function sourceOf(path) {
  return join(ROOT, `src/${path}.ts`);
}
