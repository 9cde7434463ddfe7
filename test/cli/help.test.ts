import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { command } from './support/command';

const run = promisify(execFile);
const PROGRAM = join(__dirname, '../../src/cli/program.ts');

/** The packages that a command line loads, in a process of its own. */
async function loadedBy(...argv: string[]): Promise<readonly string[]> {
  const code =
    `require(${JSON.stringify(PROGRAM)}).runProgram(${JSON.stringify(argv)}).then(() => ` +
    `process.stderr.write(JSON.stringify(Object.keys(require.cache))));`;
  const { stderr } = await run(process.execPath, ['--import', require.resolve('tsx'), '-e', code]);
  const files = JSON.parse(stderr) as string[];
  const names = files.map((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1]);
  return [...new Set(names)].filter((name) => name !== undefined);
}

const VERBS = [
  'start',
  'result',
  'watch',
  'describe',
  'cancel',
  'redial-now',
  'reschedule',
  'stop',
  'resolve',
  'demo',
];

describe('--help', () => {
  it.each([['--help'], ['start --help'], ['demo --help']])(
    'loads nothing of the SDK: %s',
    async (line) => {
      const loaded = await loadedBy(...line.split(' '));
      expect(loaded).toContain('commander');
      expect(loaded.filter((name) => name.startsWith('@temporalio'))).toEqual([]);
    },
  );

  it('loads it only for a verb that runs', async () => {
    const loaded = await loadedBy('start', '--to', '+14155550101', '--agent', 'a', '--dry-run');
    expect(loaded).toContain('@temporalio/client');
  });

  it('names every verb and every exit, on stdout', async () => {
    const { exit, stdout, stderr } = await command(['--help']);
    expect([exit, stderr]).toEqual([0, '']);
    for (const verb of VERBS) expect(stdout).toMatch(new RegExp(`^ {2}${verb} `, 'm'));
    expect(stdout).toMatch(/^Exits: 0 .*2 .*3 .*4 .*5 .*6 .*7 .*8 .*124 /m);
  });

  it.each(VERBS)('leaves with 0 for %s', async (verb) => {
    const { exit, stdout } = await command([verb, '--help']);
    expect(exit).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Usage: temporal-truedy ${verb} `));
  });

  it.each(['watch', 'demo'])('says that %s runs for long', async (verb) => {
    expect((await command([verb, '--help'])).stdout).toContain('Runs for long');
  });
});

describe('a command line that is no use', () => {
  it.each([
    ['no verb', []],
    ['an unknown verb', ['frob']],
    ['an unknown flag', ['start', '--nope']],
    ['a secret for a flag', ['start', '--truedy-api-key', 'x']],
    ['no id', ['result']],
    ['an id too many', ['result', 'a', 'b']],
    ['a flag without its value', ['start', '--to']],
    ['an unknown output', ['start', '-o', 'xml']],
    ['a time limit that is no duration', ['result', 'a', '--command-timeout', 'soon']],
  ])('leaves with 2 and says so on stderr: %s', async (_, argv) => {
    const { exit, stdout, stderr } = await command(argv);
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).not.toBe('');
  });

  it.each([
    ['no verb', [], 'A verb is missing'],
    ['an unknown verb', ['frob'], "unknown command 'frob'"],
    ['an unknown flag', ['start', '--nope'], "unknown option '--nope'"],
  ])('is told as JSON where that was asked for: %s', async (_, argv, message) => {
    const { exit, stderr } = await command(['-o', 'json', ...argv]);
    expect(exit).toBe(2);
    expect(JSON.parse(stderr)).toEqual({
      error: { code: 'TT3002', message, fix: ['temporal truedy --help'], exit: 2 },
    });
  });
});
