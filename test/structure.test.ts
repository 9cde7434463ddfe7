import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const SRC = join(__dirname, '../src');
const MAX_FILES = 20;
const MAX_LINES = 260;
const ENTRIES = ['index.ts', 'starter.ts', 'worker.ts', 'workflow.ts'];

/** Every file of `src` with its text, by its path in `src`. */
const FILES = new Map(
  readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => [path, readFileSync(join(SRC, path), 'utf8')]),
);

describe('src', () => {
  it('has only entries outside of its folders', () => {
    const outside = [...FILES.keys()].filter((path) => dirname(path) === '.');
    expect(ENTRIES).toEqual(expect.arrayContaining(outside));
  });

  it(`has no folder of more than ${MAX_FILES} files`, () => {
    const counts = new Map<string, number>();
    for (const path of FILES.keys()) {
      counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
    }
    expect([...counts].filter(([, count]) => count > MAX_FILES)).toEqual([]);
  });

  it(`has no file of more than ${MAX_LINES} lines`, () => {
    const lengths = [...FILES].map(([path, text]) => [path, text.split('\n').length - 1] as const);
    expect(lengths.filter(([, lines]) => lines > MAX_LINES)).toEqual([]);
  });

  it('has no import cycle, types included', () => {
    expect(cycles()).toEqual([]);
  });
});

it('is described in docs/architecture.md by paths that exist', () => {
  const paths = pathsOfTree();
  expect(paths.length).toBeGreaterThan(40);
  expect(paths.filter((path) => !existsSync(join(SRC, '..', path)))).toEqual([]);
});

/** The paths in the tree of the page. A file name without a path is in the last folder before it. */
function pathsOfTree(): readonly string[] {
  const [, tree = ''] = readFileSync(join(SRC, '../docs/architecture.md'), 'utf8').split('```');
  let folder = 'src/';
  return (tree.match(/[\w./-]+/g) ?? []).flatMap((word) => {
    if (/^src\/.*\/$/.test(word)) folder = word;
    if (word.startsWith('src/')) return [word];
    return /^[\w-]+\.ts$/.test(word) ? [`${folder}${word}`] : [];
  });
}

/** Each cycle as the path that closes it, by a depth-first walk over the relative imports. */
function cycles(): readonly string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, above: readonly string[]): void => {
    if (above.includes(file)) {
      found.push([...above.slice(above.indexOf(file)), file].join(' → '));
      return;
    }
    if (done.has(file)) return;
    for (const imported of importsOf(file)) walk(imported, [...above, file]);
    done.add(file);
  };
  for (const file of FILES.keys()) walk(file, []);
  return found;
}

function importsOf(file: string): readonly string[] {
  const text = FILES.get(file) ?? '';
  return [...text.matchAll(/(?:from|import)[ (]\s*'(\.{1,2}\/[^']+)'/g)].map(([, path = '']) =>
    resolve(file, path),
  );
}

function resolve(file: string, path: string): string {
  const target = normalize(join(dirname(file), path)).replace(/\.js$/, '');
  const found = [`${target}.ts`, join(target, 'index.ts')].find((name) => FILES.has(name));
  if (found === undefined) throw new Error(`src/${file} imports ${path}, which is not a file`);
  return found;
}
