import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { begin, run } from './support/run';

const PROGRAM = join(__dirname, '../../src/cli/program.ts');
const UNREACHABLE = '127.0.0.1:1';

/** The SDK packages that a command line has loaded when it exits. */
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
    [['contact', 'show', '--help']],
    [['demo', '--help']],
    [['doctor', '--help']],
  ])('of %j loads no SDK package', async (args) => {
    await expect(loadedBy(args)).resolves.toEqual([]);
  });

  it('lists every verb, the environment variables and the exit codes', async () => {
    const { exit, stdout, stderr } = await run(['--help']);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    const verbs =
      'start check result watch describe list count cancel redial-now reschedule stop resolve events batch contact doctor setup config demo commands';
    for (const verb of verbs.split(' ')) expect(stdout).toMatch(new RegExp(`^ {2}${verb} `, 'm'));
    expect(stdout).toContain('TEMPORAL_ADDRESS');
    expect(stdout).toMatch(/^ {2}7 +The outcome is unknown/m);
  });
});

describe('a verb', () => {
  it('starts a call without loading the worker package', async () => {
    const args = ['-o', 'none', 'start', '--to', '+14155550101', '--agent', 'a', '--dry-run'];
    const loaded = await loadedBy(args);
    expect(loaded).toContain('client');
    expect(loaded).not.toContain('worker');
    expect(loaded).not.toContain('core-bridge');
  });
});

describe('a delivery', () => {
  it('is verified without loading the client or the worker package', async () => {
    const loaded = await loadedBy(['events', 'verify', __dirname]);
    expect(loaded).not.toContain('client');
    expect(loaded).not.toContain('worker');
  });
});

describe('a reader that closes the pipe', () => {
  it('ends the command with 0 and an empty stderr', async () => {
    const { child, ran } = begin(['commands']);
    ran.catch(() => undefined);
    child.stdout.destroy();
    const [[exit], stderr] = await Promise.all([once(child, 'exit'), text(child.stderr)]);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  });
});

describe('a mistake on the command line', () => {
  it('exits with 2 and suggests the likely command', async () => {
    const { exit, stdout, stderr } = await run(['descibe', 'order-4711']);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toContain('Did you mean describe?');
  });

  it.each([
    ['an unknown verb', ['-o', 'json', 'frobnicate'], "unknown command 'frobnicate'"],
    ['an unknown flag', ['watch', 'x', '--frob', '-ojson'], "unknown option '--frob'"],
    ['a missing id', ['watch', '--output=jsonl'], "missing required argument 'id'"],
    [
      'an invalid value',
      ['watch', 'x', '-o', 'json', '--command-timeout', 'soon'],
      'Expected a duration',
    ],
    ['no verb', ['-o', 'json'], 'A command is missing'],
  ])('is one JSON object with -o json: %s', async (_, args, message) => {
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

describe('an unreachable server', () => {
  it.each([
    ['start', ['start', '--to', '+14155550101', '--agent', 'a', '--key', 'k']],
    ['result', ['result', 'k']],
    ['watch', ['watch', 'k']],
    ['describe', ['describe', 'k']],
    ['cancel', ['cancel', 'k']],
    ['stop', ['stop', 'k']],
  ])('is reported by %s with exit 4', async (_, args) => {
    const { exit, stdout, stderr } = await run(args, { TEMPORAL_ADDRESS: UNREACHABLE });
    expect({ exit, stdout }).toEqual({ exit: 4, stdout: '' });
    expect(stderr).toMatch(
      /^TT1001 {2}Can't reach Temporal at 127\.0\.0\.1:1 \(connection refused\)\. The address comes from .*\n/,
    );
  });

  it('is reported as one JSON object, and a flag overrides the environment', async () => {
    const args = ['-o', 'json', 'describe', 'k', '--address', '127.0.0.1:2'];
    const { stderr } = await run(args, { TEMPORAL_ADDRESS: UNREACHABLE });
    const { error } = JSON.parse(stderr);
    expect(error).toMatchObject({ code: 'TT1001', exit: 4 });
    expect(error.message).toContain('127.0.0.1:2');
  });

  it('is reported within the time limit if a listener never responds', async () => {
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
    ['a missing profile', { TEMPORAL_PROFILE: 'absent' }, 'TT1005'],
  ])('is not replaced by a local server after %s', async (_, settings, code) => {
    const { exit, stderr } = await run(['describe', 'k'], settings);
    expect(exit).toBe(3);
    expect(stderr).toContain(code);
  });
});
