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
    'demo',
  ])('of %s goes to stdout and leaves with 0', async (verb) => {
    const { exit, stdout, stderr } = await command([...verb.split(' '), '--help']);
    expect([exit, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(new RegExp(`^Usage: temporal-truedy ${verb} `));
  });

  it.each(['watch', 'events listen', 'batch run', 'demo'])(
    'says that %s runs for long',
    async (verb) => {
      expect((await command([...verb.split(' '), '--help'])).stdout).toContain(
        'This command is long-running',
      );
    },
  );
});

describe('commands', () => {
  it('tells the tree as JSON: each verb, its arguments and its flags', async () => {
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

describe('a command line that is no use', () => {
  it.each([
    ['no verb', []],
    ['an unknown flag', ['start', '--nope']],
    ['a secret of Truedy for a flag', [...CALL, '--truedy-api-key', 'hidden']],
    ['a secret of webhooks for a flag', [...CALL, '--webhook-secrets=hidden']],
    ['no id', ['result']],
    ['an id too many', ['result', 'a', 'b']],
    ['a flag without its value', ['start', '--to']],
    ['a flag twice', [...CALL, '--to', '+14155550102']],
    ['a switch twice', [...CALL, '--wait', '--wait']],
    ['an unknown output', [...CALL, '-o', 'xml']],
    ['an unknown time format', ['describe', 'a', '--time-format', 'stardate']],
    ['a time limit that is no duration', ['result', 'a', '--command-timeout', 'soon']],
  ])('says so on stderr and leaves with 2: %s', async (_, argv) => {
    const { exit, stdout, stderr } = await command(argv);
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).not.toBe('');
  });
});

describe('an error', () => {
  it('has its cause and its fix apart where it is told as JSON', async () => {
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

  it('is told even where nothing is to be told', async () => {
    const { exit, stdout, stderr } = await command(['start', '--to', '911', '-o', 'none']);
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^TT3001 /);
  });

  it('of a server that is away names no stack and what to do', async () => {
    const { exit, stderr } = await command([...CALL, '--address', '127.0.0.1:1']);
    expect(exit).toBe(4);
    expect(stderr).toContain('The address comes from TEMPORAL_ADDRESS or --address.\n');
    expect(stderr).toContain('temporal server start-dev');
    expect(stderr).not.toMatch(/^ +at /m);
  });
});
