import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { CATCHERS, fileOf, patches } from './reverts/catchers';

/** Each patch takes one rule out of today's source; `npm run reverts` shows that the attacker finds it missing. */
const ROOT = join(__dirname, '../..');
// A folder around this one may be a repository; its rules about paths are not ours.
const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(ROOT) };
const run = promisify(execFile);

it('there are patches, and each has one catcher', () => {
  expect(patches()).not.toEqual([]);
  expect(Object.keys(CATCHERS).sort()).toEqual(patches());
});

describe.each(patches())('the patch %s', (patch) => {
  it('takes its rule out of the present source', async () => {
    await run('git', ['apply', '--check', '-p1', fileOf(patch)], { cwd: ROOT, env });
  });

  it('says what happens without the rule, and changes src alone', () => {
    const [first = '', , ...rest] = readFileSync(fileOf(patch), 'utf8').split('\n');
    expect(first).toMatch(/^Without it: .+\.$/);
    const files = rest.filter((line) => /^(---|\+\+\+) /.test(line));
    expect(files).not.toEqual([]);
    for (const file of files) expect(file).toMatch(/^(--- a|\+\+\+ b)\/src\//);
  });
});
