import { command, errorIn } from './support/command';

const CALL = ['start', '--to', '+14155550101', '--agent', 'agent_1'];

describe('--help', () => {
  it.each([
    'start',
    'check',
    'list',
    'count',
    'commands',
    'result',
    'watch',
    'describe',
    'cancel',
    'redial-now',
    'reschedule',
    'stop',
    'resolve',
    'events listen',
    'events verify',
    'events trigger',
    'events replay',
    'batch run',
    'contact show',
    'contact opt-out',
    'contact opt-in',
    'contact export',
    'contact restore',
    'demo',
  ])('of %s is printed on stdout, with exit 0', async (verb) => {
    const { exit, stdout, stderr } = await command([...verb.split(' '), '--help']);
    expect([exit, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(new RegExp(`^Usage: temporal-truedy ${verb} `));
  });

  it.each(['watch', 'events listen', 'batch run', 'demo'])(
    'marks %s as long-running',
    async (verb) => {
      expect((await command([...verb.split(' '), '--help'])).stdout).toContain(
        'This command is long-running',
      );
    },
  );
});

describe('commands', () => {
  it('prints the tree as JSON: each verb, its arguments and its flags', async () => {
    const { exit, stdout } = await command(['commands']);
    expect(exit).toBe(0);
    const { commands } = JSON.parse(stdout);
    expect(commands).toContainEqual(
      expect.objectContaining({
        name: 'cancel',
        arguments: ['[ids...]'],
        flags: expect.arrayContaining([
          expect.objectContaining({ flags: '-q, --query <query>' }),
          expect.objectContaining({ flags: '-o, --output <format>' }),
        ]),
      }),
    );
  });
});

describe('an invalid command line', () => {
  it.each([
    ['no verb', []],
    ['an unknown flag', ['start', '--nope']],
    ['the Truedy key as a flag', [...CALL, '--truedy-api-key', 'hidden']],
    ['the webhook secrets as a flag', [...CALL, '--webhook-secrets=hidden']],
    ['no id', ['result']],
    ['two ids', ['result', 'a', 'b']],
    ['a flag without its value', ['start', '--to']],
    ['a repeated flag', [...CALL, '--to', '+14155550102']],
    ['a repeated switch', [...CALL, '--wait', '--wait']],
    ['an unknown output format', [...CALL, '-o', 'xml']],
    ['an unknown time format', ['describe', 'a', '--time-format', 'stardate']],
    ['an invalid time limit', ['result', 'a', '--command-timeout', 'soon']],
  ])('is reported on stderr with exit 2: %s', async (_, argv) => {
    const { exit, stdout, stderr } = await command(argv);
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).not.toBe('');
  });
});

describe('an error', () => {
  it('has separate fields for its cause and its fix in JSON', async () => {
    const ran = await command(['start', '--to', '911', '-o', 'jsonl']);
    expect(errorIn(ran)).toEqual({
      code: 'TT3001',
      message: 'The input has 2 problems (InvalidInput). Nothing was sent.',
      cause: 'call.agent_id  is required\ncall.phone_number  is not E.164, such as +14155551234',
      fix: ['temporal truedy start --input call.json --dry-run'],
      docs: 'docs/errors.md#tt3001',
      exit: 2,
    });
  });

  it('is printed even with -o none', async () => {
    const { exit, stdout, stderr } = await command(['start', '--to', '911', '-o', 'none']);
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^TT3001 /);
  });

  it('about an unreachable server contains the next steps and no stack', async () => {
    const { exit, stderr } = await command([...CALL, '--address', '127.0.0.1:1']);
    expect(exit).toBe(4);
    expect(stderr).toContain('The address comes from TEMPORAL_ADDRESS or --address.\n');
    expect(stderr).toContain('temporal server start-dev');
    expect(stderr).not.toMatch(/^ +at /m);
  });
});
