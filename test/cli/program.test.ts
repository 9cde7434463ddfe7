import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { begin, run } from './support/run';

const PROGRAM = join(__dirname, '../../src/cli/program.ts');
const NOBODY = '127.0.0.1:1';

/** The packages of the SDK that a command line has loaded by its end. */
async function loadedBy(args: readonly string[]): Promise<readonly string[]> {
  const code =
    `require(${JSON.stringify(PROGRAM)}).runProgram(${JSON.stringify(args)}).then(() => {` +
    `const names = Object.keys(require.cache).map((file) => /@temporalio.([a-z-]+)/.exec(file)?.[1]);` +
    `process.stderr.write(JSON.stringify([...new Set(names)].filter(Boolean))); });`;
  const argv = ['--import', require.resolve('tsx'), '-e', code];
  const { stderr } = await promisify(execFile)(process.execPath, argv);
  return JSON.parse(stderr.slice(stderr.lastIndexOf('\n') + 1));
}

describe('the help', () => {
  it.each([
    [['--help']],
    [['start', '--help']],
    [['events', 'verify', '--help']],
    [['batch', 'run', '--help']],
    [['demo', '--help']],
    [['doctor', '--help']],
  ])('of %j loads nothing of the SDK', async (args) => {
    await expect(loadedBy(args)).resolves.toEqual([]);
  });

  it('names every verb, the environment and the exits', async () => {
    const { exit, stdout, stderr } = await run(['--help']);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    const verbs =
      'start check result watch describe list count cancel redial-now reschedule stop resolve events batch doctor setup config demo commands';
    for (const verb of verbs.split(' ')) expect(stdout).toMatch(new RegExp(`^ {2}${verb} `, 'm'));
    expect(stdout).toContain('TEMPORAL_ADDRESS');
    expect(stdout).toMatch(/^ {2}7 +The outcome is unknown/m);
  });
});

describe('a verb', () => {
  it('loads no worker to start a call', async () => {
    const args = ['-o', 'none', 'start', '--to', '+14155550101', '--agent', 'a', '--dry-run'];
    const loaded = await loadedBy(args);
    expect(loaded).toContain('client');
    expect(loaded).not.toContain('worker');
    expect(loaded).not.toContain('core-bridge');
  });
});

describe('a delivery', () => {
  it('is judged without a client or a worker', async () => {
    const loaded = await loadedBy(['events', 'verify', __dirname]);
    expect(loaded).not.toContain('client');
    expect(loaded).not.toContain('worker');
  });
});

describe('a reader that has had enough', () => {
  it('ends the command with 0, and no word on stderr', async () => {
    const { child, ran } = begin(['commands']);
    ran.catch(() => undefined);
    child.stdout.destroy();
    const [[exit], stderr] = await Promise.all([once(child, 'exit'), text(child.stderr)]);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  });
});

describe('a mistake on the command line', () => {
  it('is answered with what was likely meant, and exit 2', async () => {
    const { exit, stdout, stderr } = await run(['descibe', 'order-4711']);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toContain('Did you mean describe?');
  });

  it.each([
    ['a verb that is none', ['-o', 'json', 'frobnicate'], "unknown command 'frobnicate'"],
    ['a flag that is none', ['watch', 'x', '--frob', '-ojson'], "unknown option '--frob'"],
    ['a missing id', ['watch', '--output=jsonl'], "missing required argument 'id'"],
    [
      'a wrong value',
      ['watch', 'x', '-o', 'json', '--command-timeout', 'soon'],
      'Expected a duration',
    ],
    ['no verb', ['-o', 'json'], 'A command is missing'],
  ])('is one JSON object where JSON is asked for: %s', async (_, args, message) => {
    const { exit, stdout, stderr } = await run(args);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: 'TT3002',
        message: expect.stringContaining(message),
        fix: expect.any(Array),
        docs: 'docs/errors.md#tt3002',
        exit: 2,
      },
    });
  });
});

describe('a server that is away', () => {
  it.each([
    ['start', ['start', '--to', '+14155550101', '--agent', 'a', '--key', 'k']],
    ['result', ['result', 'k']],
    ['watch', ['watch', 'k']],
    ['describe', ['describe', 'k']],
    ['cancel', ['cancel', 'k']],
    ['stop', ['stop', 'k']],
  ])('is told by %s with exit 4', async (_, args) => {
    const { exit, stdout, stderr } = await run(args, { TEMPORAL_ADDRESS: NOBODY });
    expect({ exit, stdout }).toEqual({ exit: 4, stdout: '' });
    expect(stderr).toMatch(
      /^TT1001 {2}Can't reach Temporal at 127\.0\.0\.1:1 \(connection refused\)\. The address comes from .*\n/,
    );
  });

  it('is told as one JSON object, and a flag wins over the environment', async () => {
    const args = ['-o', 'json', 'describe', 'k', '--address', '127.0.0.1:2'];
    const { stderr } = await run(args, { TEMPORAL_ADDRESS: NOBODY });
    const { error } = JSON.parse(stderr);
    expect(error).toMatchObject({ code: 'TT1001', exit: 4 });
    expect(error.message).toContain('127.0.0.1:2');
  });

  it('is told where something listens that never speaks, within the time limit', async () => {
    const { createServer } = await import('node:net');
    const mute = createServer();
    await new Promise<void>((listening) => mute.listen(0, '127.0.0.1', listening));
    const address = mute.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const flags = ['--address', `127.0.0.1:${port}`, '--client-connect-timeout', '1s'];
    const { exit, stderr } = await run(['describe', 'k', ...flags]);
    mute.close();
    expect(exit).toBe(4);
    expect(stderr).toMatch(/^TT1001 /);
  });

  it.each([
    ['a missing file', { TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml' }, 'TT1004'],
    ['a missing profile', { TEMPORAL_PROFILE: 'nobodys' }, 'TT1005'],
  ])('is not looked for on this machine in place of %s', async (_, settings, code) => {
    const { exit, stderr } = await run(['describe', 'k'], settings);
    expect(exit).toBe(3);
    expect(stderr).toContain(code);
  });
});
