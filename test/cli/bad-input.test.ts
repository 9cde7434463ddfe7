import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { command } from './support/command';

const CALL = ['start', '--to', '+14155550101', '--agent', 'agent_1'];
/** No server listens here. Exit codes other than 4 prove that the input was rejected before connecting to Temporal. */
const AWAY = { TEMPORAL_ADDRESS: '127.0.0.1:1' };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'truedy-input-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(content: string): Promise<string> {
  const path = join(folder, `${randomUUID()}.json`);
  await writeFile(path, content);
  return path;
}

describe('an invalid input', () => {
  it('is rejected with all its errors, and nothing is sent', async () => {
    const ran = await command(
      (
        'start --to 415-555-0123 --var temporal_ref=x --settle 30s --poll-every 1s ' +
        '--redial busy=soon --max-attempts 21 --window 21:00-08:00 --time-zone Mars/Olympus'
      ).split(' '),
      AWAY,
    );
    expect([ran.exit, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toMatch(/^TT3001 {2}The input has \d+ problems \(InvalidInput\)\. Nothing/);
    for (const path of [
      'call.agent_id',
      'call.phone_number',
      'call.variables.temporal_ref',
      'placement.settle',
      'redial.after.busy[0]',
      'redial.maxAttempts',
      'window.timeZone',
      'window.to',
      'completion.pollEvery',
    ]) {
      expect(ran.stderr).toContain(`\n        ${path}  `);
    }
  });

  it('is rejected without repeating its values', async () => {
    const { stderr } = await command(
      ['start', '--to', '(415) 555-0123', '--agent', 'a', '--greeting', 'hidden'],
      AWAY,
    );
    expect(stderr).not.toMatch(/555-0123|hidden/);
  });

  it.each([
    ['empty', ''],
    ['an emergency number', '911'],
    ['a number with an extension', '+15555550100 ext 2'],
    ['two zeros instead of a plus', '0014155550101'],
    ['16 digits', '+1234567890123456'],
    ['full-width digits', '+１４１５５５５０１０１'],
    ['punctuation between the digits', '+1 (415) 555-2671'],
  ])('is never corrected automatically: %s', async (_, to) => {
    const { exit, stderr } = await command(['start', '--agent', 'a', '--to', to], AWAY);
    expect(exit).toBe(2);
    expect(stderr).toContain('call.phone_number  ');
  });

  it.each([
    ['premium', '+19005550101'],
    ['shared_cost', '+41848000101'],
    ['satellite', '+881600000101'],
  ])('is rejected for a %s number, unless a flag allows it', async (kind, to) => {
    const args = ['start', '--agent', 'a', '--to', to, '--dry-run'];
    const { exit, stdout, stderr } = await command(args, AWAY);
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^TT3003 /);
    expect(stderr).toContain(`--allow-kind ${kind}`);
    await expect(command([...args, '--allow-kind', kind])).resolves.toMatchObject({ exit: 0 });
  });

  it.each(['0', '-1', '1e9', 'abc', '21'])('is rejected with %s attempts', async (count) => {
    const { exit } = await command([...CALL, `--max-attempts=${count}`], AWAY);
    expect(exit).toBe(2);
  });

  it.each([
    ['a variable without a name', ['--var', '=x'], '--var must be name=value'],
    ['a variable without a value', ['--var', 'x'], '--var must be name=value'],
    ['a label without a value', ['--label', 'x'], '--label must be name=value'],
    [
      'a redial after an answer',
      ['--redial', 'answered=5m'],
      '--redial only accepts the outcomes no_answer, busy',
    ],
    ['a window without an end', ['--window', '09:00'], '--window must be two times of day'],
  ])('is rejected: %s', async (_, flags, problem) => {
    const { exit, stderr } = await command([...CALL, ...flags], AWAY);
    expect(exit).toBe(2);
    expect(stderr).toMatch(/^TT3002 {2}/);
    expect(stderr).toContain(problem);
  });

  it.each(['--input', '--vars-file'])('is rejected with an invalid %s', async (flag) => {
    const paths = [
      [join(folder, 'absent.json'), 'does not exist'],
      [folder, 'is not a regular file'],
      [await file('hidden: yes'), 'is not valid JSON'],
      [await file('["hidden"]'), 'does not contain a JSON object'],
      [await file('"hidden"'), 'does not contain a JSON object'],
      [await file('null'), 'does not contain a JSON object'],
    ] as const;
    for (const [path, problem] of paths) {
      const { exit, stderr } = await command([...CALL, flag, path], AWAY);
      expect([path, exit]).toEqual([path, 2]);
      expect(stderr).toContain(`${flag} ${path} ${problem}`);
      expect(stderr).not.toContain('hidden');
    }
  });

  it.each([
    ['/etc/passwd', 'is not valid JSON'],
    ['-', 'does not exist'],
    ['/dev/null', 'is not a regular file'],
  ])('is rejected with variables from %s, without printing its content', async (path, problem) => {
    const { exit, stdout, stderr } = await command([...CALL, '--vars-file', path], AWAY);
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`--vars-file ${path} ${problem}`);
    expect(stderr).not.toContain('root:');
  });

  it('is rejected immediately with variables from a pipe that has no writer', async () => {
    const path = join(folder, 'pipe');
    await promisify(execFile)('mkfifo', [path]);
    const { exit, stderr } = await command([...CALL, '--vars-file', path], AWAY);
    expect(exit).toBe(2);
    expect(stderr).toContain('is not a regular file');
  });

  it.each([
    ['an array', '{"a":["b"]}', 'call.variables.a'],
    ['a number', '{"a":1}', 'call.variables.a'],
    ['a property name of JavaScript', '{"__proto__":{"a":1}}', 'call.variables.__proto__'],
    ['a name with a line break', '{"a\\r\\nb":"x"}', 'call.variables'],
    ['a reserved name', '{"temporal_ref":"x"}', 'call.variables.temporal_ref'],
    ['1 MiB', JSON.stringify({ a: 'x'.repeat(1024 * 1024) }), 'call'],
  ])('is rejected with variables that contain %s', async (_, variables, path) => {
    const flags = ['--vars-file', await file(variables)];
    const { exit, stderr } = await command([...CALL, ...flags], AWAY);
    expect(exit).toBe(2);
    expect(stderr).toContain(`        ${path}`);
  });
});

describe('a key', () => {
  it.each([
    ['empty', ''],
    ['a space', 'order 1'],
    ['a backslash', 'order\\1'],
    ['a line break', 'order\n1'],
    ['non-ASCII characters', 'bestellung-ü'],
    ['a phone number', '+14155550101'],
    ['a phone number with punctuation', '(415)555-0101'],
    ['a prefix before the called number', 'cust-14155550101'],
    ['the digits of the called number', '14155550101'],
    ['ten digits', 'call/4155550101'],
    ['over 1,000 bytes with its prefix', 'x'.repeat(996)],
  ])('is rejected: %s', async (_, key) => {
    const { exit, stderr } = await command([...CALL, `--key=${key}`], AWAY);
    expect(exit).toBe(2);
    expect(stderr).toMatch(/^TT3004 {2}--key must be printable ASCII/);
  });

  it('of 1,000 bytes including its prefix is accepted', async () => {
    const { exit, stdout } = await command([...CALL, '--dry-run', '--key', 'x'.repeat(995)]);
    expect(exit).toBe(0);
    expect(stdout).toContain(`workflow id  call/${'x'.repeat(995)}\n`);
  });
});
