import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '../src/cli/shared/exit-codes';

const ROOT = join(__dirname, '..');
const PAGE = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8');

/** The section of each code. */
const SECTIONS = new Map(
  PAGE.split('\n## ')
    .slice(1)
    .map((section) => {
      const [code = '', ...lines] = section.split('\n');
      return [code, lines.join('\n')] as const;
    }),
);

function codesBelow(folder: string): ReadonlySet<string> {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  const texts = files
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(ROOT, folder, file), 'utf8'));
  return new Set(texts.flatMap((text) => text.match(/TT[1-9]\d{3}/g) ?? []));
}

it('has a section for each code, in order, and for no other', () => {
  expect([...SECTIONS.keys()]).toEqual([...codesBelow('src')].sort());
});

it('has a test that provokes each code', () => {
  const provoked = codesBelow('test');
  expect([...SECTIONS.keys()].filter((code) => !provoked.has(code))).toEqual([]);
});

it.each([...SECTIONS])('documents the exit code and the fix of %s', (_, text) => {
  const exits = [...text.matchAll(/[Ee]xit (\d+)/g)].map(([, exit]) => Number(exit));
  expect(exits).not.toEqual([]);
  expect(Object.values(EXIT)).toEqual(expect.arrayContaining(exits));
  expect(text).toMatch(/\nFix: .*`.+`/);
});
