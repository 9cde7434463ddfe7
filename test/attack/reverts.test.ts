import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { CATCHERS, fileOf, patches } from './reverts/catchers';

/** Each patch removes one rule from the source. `npm run reverts` checks that the attacker notices. */
const ROOT = join(__dirname, '../..');
// A parent folder may be a repository, whose attributes must not apply here.
const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(ROOT) };
const run = promisify(execFile);

it('patches exist, and each has one catcher', () => {
  expect(patches()).not.toEqual([]);
  expect(Object.keys(CATCHERS).sort()).toEqual(patches());
});

describe.each(patches())('the patch %s', (patch) => {
  it('applies to the current source', async () => {
    await run('git', ['apply', '--check', '-p1', fileOf(patch)], { cwd: ROOT, env });
  });

  it('describes the effect of the missing rule, and changes only src', () => {
    const [first = '', , ...rest] = readFileSync(fileOf(patch), 'utf8').split('\n');
    expect(first).toMatch(/^Without it: .+\.$/);
    const files = rest.filter((line) => /^(---|\+\+\+) /.test(line));
    expect(files).not.toEqual([]);
    for (const file of files) expect(file).toMatch(/^(--- a|\+\+\+ b)\/src\//);
  });
});
