import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const MODULE = join(__dirname, '../../src/runtime/process.ts');

let folder: string;
const children: ChildProcess[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'truedy-process-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs code in a new process and folder, with the exports of our module in scope. */
function start(code: string, env: NodeJS.ProcessEnv = {}) {
  const program =
    'const { KnownError, SettingsError, loadEnvironment, runMain, sourceOf, untilStopped } = ' +
    `require(${JSON.stringify(MODULE)});\n${code}`;
  const child = spawn(process.execPath, ['--import', require.resolve('tsx'), '-e', program], {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  children.push(child);
  const ended = Promise.all([
    once(child, 'exit'),
    text(child.stdout ?? process.stdin),
    text(child.stderr ?? process.stdin),
  ]).then(([[exit], stdout, stderr]) => ({ exit: exit as number | null, stdout, stderr }));
  return { child, ended };
}

/** Starts a process that waits to be stopped. Resolves when it waits. */
async function startWaiting(close: string) {
  const waiting = start(
    `runMain(async () => {
      const stopped = untilStopped(async () => { ${close} });
      const alive = setInterval(() => {}, 1_000);
      process.send('waiting');
      await stopped;
      clearInterval(alive);
    });`,
  );
  await once(waiting.child, 'message');
  return waiting;
}

describe('a process', () => {
  it('exits with 0 when it is done, even with open handles', async () => {
    const { ended } = start('runMain(async () => { setInterval(() => {}, 1_000); });');
    expect(await ended).toEqual({ exit: 0, stdout: '', stderr: '' });
  });

  it('exits with the exit code that was set', async () => {
    const { ended } = start('runMain(async () => { process.exitCode = 7; });');
    expect((await ended).exit).toBe(7);
  });

  it('prints only the message of a known error, and exits with its code', async () => {
    const { ended } = start(`runMain(async () => { throw new KnownError('TT9  Fix it.', 4); });`);
    expect(await ended).toEqual({ exit: 4, stdout: '', stderr: 'TT9  Fix it.\n' });
  });

  it('exits with 3 if settings are wrong', async () => {
    const { ended } = start(`runMain(async () => { throw new SettingsError('TT2001  Wrong.'); });`);
    expect(await ended).toEqual({ exit: 3, stdout: '', stderr: 'TT2001  Wrong.\n' });
  });

  it('prints any other error as a bug with its stack, and exits with 1', async () => {
    const { ended } = start(`runMain(async () => { throw new TypeError('odd'); });`);
    const { exit, stderr } = await ended;
    expect(exit).toBe(1);
    expect(stderr).toMatch(/^This is a bug of temporal-truedy.*\nTypeError: odd\n +at /);
  });
});

describe('a process that waits to be stopped', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('closes on %s and exits with 0', async (signal) => {
    const { child, ended } = await startWaiting(`process.stdout.write('closed');`);
    child.kill(signal);
    expect(await ended).toEqual({ exit: 0, stdout: 'closed', stderr: '' });
  });

  it('stops when its parent disconnects', async () => {
    const { child, ended } = await startWaiting(`process.stdout.write('closed');`);
    child.disconnect();
    expect(await ended).toEqual({ exit: 0, stdout: 'closed', stderr: '' });
  });

  it('exits immediately on a later signal', async () => {
    const { child, ended } = await startWaiting(
      `process.send('closing'); await new Promise(() => {});`,
    );
    const closing = once(child, 'message');
    child.kill('SIGTERM');
    await closing;
    const again = setInterval(() => child.kill('SIGTERM'), 50);
    expect((await ended).exit).toBe(130);
    clearInterval(again);
  });

  it('treats signals that arrive together as one, as npm and a terminal send them', async () => {
    const { child, ended } = await startWaiting(
      `process.send('closing'); await new Promise((go) => process.once('message', go));`,
    );
    const closing = once(child, 'message');
    child.kill('SIGINT');
    child.kill('SIGTERM');
    await closing;
    child.send('go');
    expect((await ended).exit).toBe(0);
  });
});

describe('the environment', () => {
  const PRINT = `runMain(async () => { process.stdout.write(String(loadEnvironment()['A'])); });`;

  it('is unchanged without a .env', async () => {
    expect(await start(PRINT, { A: 'real' }).ended).toMatchObject({ exit: 0, stdout: 'real' });
  });

  it('is filled from .env, and takes precedence over it', async () => {
    const file = join(folder, '.env');
    await writeFile(file, 'A=file\n');
    expect((await start(PRINT).ended).stdout).toBe('file');
    expect((await start(PRINT, { A: 'real' }).ended).stdout).toBe('real');
    await rm(file);
  });

  it('has a source for each value: the line that applies, or the environment', async () => {
    const file = join(folder, '.env');
    await writeFile(file, '# A=comment\nA=old\n\nexport B = "two words"\nA=new\nC=file\n');
    const code = `runMain(async () => {
      const env = loadEnvironment();
      const sources = ['A', 'B', 'C', 'D'].map((name) => sourceOf(env, name));
      process.stdout.write(JSON.stringify(sources));
    });`;
    const { stdout } = await start(code, { C: 'real' }).ended;
    expect(JSON.parse(stdout)).toEqual(['.env:5', '.env:4', 'env', null]);
    await rm(file);
  });

  it.each([
    ['without a byte order mark', 'A=file\n', 'file'],
    ['with a byte order mark', '\ufeffA=file\n', 'file'],
    ['with CRLF', '\ufeffA=file\r\nB=2\r\n', 'file'],
  ])('reads the first setting of a .env %s', async (_, content, value) => {
    const file = join(folder, '.env');
    await writeFile(file, content);
    expect(await start(PRINT).ended).toMatchObject({ exit: 0, stdout: value });
    await rm(file);
  });

  it.each([
    ['UTF-16 with a byte order mark', Buffer.from('\ufeffA=file\n', 'utf16le'), '.env is UTF-16'],
    ['UTF-16 without one', Buffer.from('A=file\n', 'utf16le'), '.env is UTF-16LE'],
    ['Latin-1', Buffer.from('A=ü\n', 'latin1'), '.env is not valid UTF-8'],
    ['a name after U+00A0', Buffer.from('\u00a0A=file\n'), '.env:1 has a hidden character'],
    ['a name with U+200B', Buffer.from('B=1\nA\u200b=file\n'), '.env:2 has a hidden character'],
    [
      'a setting whose value ends with U+200B',
      Buffer.from('TRUEDY_DIAL_CHECK_URL=http://127.0.0.1/check\u200b\n'),
      'TRUEDY_DIAL_CHECK_URL (from .env:1) contains U+200B ZERO WIDTH SPACE',
    ],
  ])('rejects a .env that is or has %s', async (_, content, problem) => {
    const file = join(folder, '.env');
    await writeFile(file, content);
    const { exit, stdout, stderr } = await start(PRINT).ended;
    expect([exit, stdout]).toEqual([3, '']);
    expect(stderr).toContain(`TT2001  ${problem}`);
    expect(stderr).not.toContain('file\n');
    await rm(file);
  });

  it.each([
    ['TRUEDY_API_KEY', 'TRUEDY_BASE_URL', 'https://example.net/api'],
    ['TEMPORAL_API_KEY', 'TEMPORAL_ADDRESS', 'example.net:7233'],
  ])('does not send %s of the environment to the %s of a .env', async (secret, name, address) => {
    const file = join(folder, '.env');
    await writeFile(file, `${name}=${address}\n`);
    const tell = `runMain(async () => { process.stdout.write(loadEnvironment()['${name}']); });`;
    const refused = await start(tell, { [secret]: 'hidden-key' }).ended;
    expect(refused).toMatchObject({ exit: 3, stdout: '' });
    expect(refused.stderr).toContain(`TT2001  ${name} (from .env:1) would receive ${secret}`);
    expect(refused.stderr).not.toContain('hidden-key');

    const both = { [secret]: 'hidden-key', [name]: 'https://example.org' };
    expect((await start(tell, both).ended).stdout).toBe('https://example.org');
    expect((await start(tell).ended).stdout).toBe(address);
    await writeFile(file, `${name}=http://127.0.0.1:8788/api\n`);
    expect((await start(tell, { [secret]: 'hidden-key' }).ended).exit).toBe(0);
    await rm(file);
  });
});
