import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { command, type Ran } from '../support/command';

const KEY = 'truedy_testkey_0123456789';
const SECRET = 'whsec_test_0123456789abcdef';
const RIGHT = { TRUEDY_API_KEY: KEY, TRUEDY_WEBHOOK_SECRETS: SECRET };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'truedy-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

const show = (env: Readonly<Record<string, string | undefined>>, ...flags: readonly string[]) =>
  command(['config', 'show', ...flags], env);

function rowsOf({ stdout }: Ran) {
  const rows = JSON.parse(stdout) as { name: string; value?: string; source: string }[];
  return (name: string) => rows.find((row) => row.name === name);
}

describe('config show', () => {
  it('prints each value with its source, and exits with 0 if all are valid', async () => {
    const ran = await show({ ...RIGHT, WEBHOOK_PORT: '9000' }, '-o', 'json', '-n', 'orders');
    expect(ran).toMatchObject({ exit: 0, stderr: '' });
    const row = rowsOf(ran);
    expect(row('WEBHOOK_PORT')).toMatchObject({ value: '9000', source: 'env', mark: 'ok' });
    expect(row('TRUEDY_TASK_QUEUE')).toMatchObject({ value: 'truedy-calls', source: 'default' });
    expect(row('HEALTH_PORT')).toMatchObject({ source: 'not set' });
    expect(row('TEMPORAL_NAMESPACE')).toMatchObject({ value: 'orders', source: 'flag' });
    expect(row('TEMPORAL_ADDRESS')).toMatchObject({ source: 'env' });
  });

  it('prints only the last four characters of a secret, and none of a short one', async () => {
    const env = { ...RIGHT, TRUEDY_WEBHOOK_SECRETS: `${SECRET},shortish` };
    const { stdout } = await show(env);
    expect(stdout).toMatch(/TRUEDY_API_KEY +set \(…6789\)/);
    expect(stdout).toMatch(/TRUEDY_WEBHOOK_SECRETS +set \(…cdef\)/);
    for (const hidden of [KEY, SECRET, 'tish']) expect(stdout).not.toContain(hidden);
  });

  it('prints only the address of a URL that contains more', async () => {
    const env = { ...RIGHT, TRUEDY_BASE_URL: 'https://me:hiddenpw@a.example/v1?token=hidden' };
    const { exit, stdout } = await show(env);
    expect(exit).toBe(3);
    expect(stdout).toContain('https://…@a.example/v1?…');
    expect(stdout).not.toContain('hidden');
  });

  it('prints each error next to its setting, and exits with 3', async () => {
    const ran = await show({ TRUEDY_API_KEY: 'changeme', WEBHOOK_PORT: '99999' });
    expect(ran.exit).toBe(3);
    expect(ran.stdout).toMatch(/✗ TRUEDY_API_KEY.*\n +is a placeholder, not a key/);
    expect(ran.stdout).toMatch(/✗ WEBHOOK_PORT +99999 +env\n +is over 65535/);
    expect(ran.stderr).toContain('cat .env.example');
  });

  it('finds no error on a machine that runs only one of the two processes', async () => {
    const { exit, stdout } = await show({ TRUEDY_API_KEY: KEY, TRUEDY_WEBHOOK_SECRETS: undefined });
    expect(exit).toBe(0);
    expect(stdout).toMatch(/! TRUEDY_WEBHOOK_SECRETS.*\n +is not set; the bridge does not start/);
  });

  it('finds an error if neither process could start', async () => {
    const env = { TRUEDY_API_KEY: undefined, TRUEDY_WEBHOOK_SECRETS: undefined };
    expect((await show(env)).exit).toBe(3);
  });

  it('prints the deployment of the worker, and an error if its build is missing', async () => {
    const deployment = { TRUEDY_DEPLOYMENT_NAME: 'truedy' };
    const { exit, stdout } = await show({ ...RIGHT, ...deployment, TRUEDY_BUILD_ID: '0.2.0' });
    expect(exit).toBe(0);
    expect(stdout).toMatch(
      /TRUEDY_DEPLOYMENT_NAME +truedy +env\n +TRUEDY_BUILD_ID +0\.2\.0 +env\n/,
    );
    expect(stdout).toMatch(/TRUEDY_VERSIONING_BEHAVIOR +auto_upgrade +default/);
    const alone = await show({ ...RIGHT, ...deployment });
    expect(alone.exit).toBe(3);
    expect(alone.stdout).toMatch(/✗ TRUEDY_DEPLOYMENT_NAME.*\n +is set without TRUEDY_BUILD_ID/);
  });

  it('marks a variable that looks like a setting but is unknown', async () => {
    const { exit, stdout } = await show({ ...RIGHT, TRUEDY_TASK_QUEUES: 'x' });
    expect(exit).toBe(0);
    expect(stdout).toMatch(/! TRUEDY_TASK_QUEUES.*\n.*did you mean TRUEDY_TASK_QUEUE\?/);
  });

  it('prints the profile that a value comes from', async () => {
    const file = join(folder, 'temporal.toml');
    await writeFile(
      file,
      '[profile.prod]\naddress = "prod.example:7233"\nnamespace = "orders"\napi_key = "0123456789abcdefwxyz"\n',
    );
    const env = { ...RIGHT, TEMPORAL_ADDRESS: undefined, TEMPORAL_NAMESPACE: undefined };
    const ran = await show(env, '-o', 'json', '--config-file', file, '--profile', 'prod');
    const row = rowsOf(ran);
    expect(row('TEMPORAL_ADDRESS')).toMatchObject({
      value: 'prod.example:7233',
      source: 'toml:prod',
    });
    expect(row('TEMPORAL_NAMESPACE')).toMatchObject({ value: 'orders', source: 'toml:prod' });
    expect(row('TEMPORAL_API_KEY')).toMatchObject({ value: 'set (…wxyz)', source: 'toml:prod' });
    expect(row('TEMPORAL_TLS')).toMatchObject({ value: 'on', source: 'toml:prod' });
  });

  it('marks a config file that does not exist, and prints the rest', async () => {
    const { exit, stdout } = await show(RIGHT, '--config-file', '/not/there');
    expect(exit).toBe(3);
    expect(stdout).toMatch(/✗ TEMPORAL_CONFIG_FILE.*\n.*does not exist/);
    expect(stdout).toContain('TRUEDY_API_KEY');
  });
});

it('a process reports the line of .env that contains an invalid setting', async () => {
  await writeFile(join(folder, '.env'), `TRUEDY_WEBHOOK_SECRETS=${SECRET}\nWEBHOOK_PORT=99999\n`);
  const entry = join(__dirname, '../../../src/webhook/server.ts');
  const child = spawn(process.execPath, ['--import', require.resolve('tsx'), entry], {
    cwd: folder,
    env: { PATH: process.env['PATH'], LOG_LEVEL: 'loud' },
  });
  const printed = await text(child.stderr);
  expect(printed).toContain('WEBHOOK_PORT is over 65535 (from .env:2)');
  expect(printed).toMatch(/LOG_LEVEL is not one of .* \(from env\)/);
  expect(printed).toMatch(/\n {8}temporal truedy config show\n$/);
});
