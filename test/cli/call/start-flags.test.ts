import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readStartFlags } from '../../../src/cli/call/start-flags';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'truedy-flags-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(content: unknown): Promise<string> {
  const path = join(folder, `${Math.random()}.json`);
  const isRaw = typeof content === 'string' || Buffer.isBuffer(content);
  await writeFile(path, isRaw ? content : JSON.stringify(content));
  return path;
}

describe('readStartFlags', () => {
  it('maps each flag to its field of the input', async () => {
    const input = await readStartFlags({
      to: '+14155550101',
      agent: 'agent_1',
      from: '+14155550100',
      var: ['first_name=Sarah', 'sum=1=1'],
      greeting: 'Hello',
      maxDuration: '60s',
      joinTimeout: '30s',
      recording: false,
      transcription: true,
      completion: 'poll',
      grace: '1m',
      pollEvery: '10s',
      artifacts: '2m',
      settle: '90s',
      maxAttempts: 3,
      redial: ['no_answer=30m,2h', 'busy=5m'],
      window: '09:00-18:00',
      days: '1-3,6',
      timeZone: 'Europe/Berlin',
      notBefore: '2026-12-01T09:00:00+01:00',
      expiresAt: '2026-12-05T18:00:00+01:00',
      label: ['campaign=spring'],
    });
    expect(input).toEqual({
      call: {
        agent_id: 'agent_1',
        phone_number: '+14155550101',
        variables: { first_name: 'Sarah', sum: '1=1' },
        from_number: '+14155550100',
        call_settings: {
          recording_enabled: false,
          transcription_enabled: true,
          greeting: 'Hello',
          max_duration: '60s',
          join_timeout: '30s',
        },
      },
      completion: { mode: 'poll', grace: '1m', pollEvery: '10s', artifacts: '2m' },
      redial: { maxAttempts: 3, after: { no_answer: ['30m', '2h'], busy: ['5m'] } },
      window: { timeZone: 'Europe/Berlin', days: [1, 2, 3, 6], from: '09:00', to: '18:00' },
      notBefore: '2026-12-01T09:00:00+01:00',
      expiresAt: '2026-12-05T18:00:00+01:00',
      placement: { settle: '90s' },
      labels: { campaign: 'spring' },
    });
  });

  it('adds no section without a flag for it', async () => {
    await expect(readStartFlags({ to: '+1', agent: 'a' })).resolves.toEqual({
      call: { agent_id: 'a', phone_number: '+1' },
    });
  });

  it('passes the file on unchanged, in its order, including invalid fields', async () => {
    const content = {
      labels: 'none',
      call: { phone_number: '+1', variables: [1], agent_id: 'a', call_settings: 7 },
      colour: 'red',
    };
    const input = await readStartFlags({ input: await file(content) });
    expect(JSON.stringify(input)).toBe(JSON.stringify({ ...content }));
  });

  it('prefers a flag to the file, and keeps the rest of its section', async () => {
    const input = await file({
      call: { agent_id: 'a', phone_number: '+1', variables: { x: '1', y: '2' } },
      completion: { mode: 'poll', grace: '1m' },
    });
    await expect(readStartFlags({ input, to: '+2', var: ['y=3'], grace: '2m' })).resolves.toEqual({
      call: { agent_id: 'a', phone_number: '+2', variables: { x: '1', y: '3' } },
      completion: { mode: 'poll', grace: '2m' },
    });
  });

  it('prefers --var to --vars-file', async () => {
    const varsFile = await file({ x: '1', y: '2' });
    await expect(readStartFlags({ varsFile, var: ['y=3'] })).resolves.toMatchObject({
      call: { variables: { x: '1', y: '3' } },
    });
  });

  it.each([
    ['1-5', [1, 2, 3, 4, 5]],
    ['7', [7]],
    ['6,7', [6, 7]],
    ['3-3', [3]],
    ['1-3,2-4', [1, 2, 3, 4]],
    ['7-4', [1, 2, 3, 4, 7]],
    ['5-1', [1, 5, 6, 7]],
  ])('reads days %s, including ranges across the end of the week', async (days, expected) => {
    await expect(readStartFlags({ days })).resolves.toMatchObject({ window: { days: expected } });
  });

  it.each(['1-5-7', '1-9', '0-5', 'Mon', '', '1,', '1e0', ' 1', '1-', '-1', '1–5'])(
    'rejects days %j',
    async (days) => {
      await expect(readStartFlags({ days })).rejects.toThrow('TT3002  --days must be');
    },
  );

  it.each([
    ['--var', { var: ['a=1', 'b=2', 'a=1'] }],
    ['--label', { label: ['a=1', 'a=2'] }],
    ['--redial', { redial: ['busy=5m', 'busy=10m'] }],
  ])('rejects a name that %s sets twice', async (flag, flags) => {
    const name = flag === '--redial' ? 'busy' : 'a';
    await expect(readStartFlags(flags)).rejects.toThrow(`TT3002  ${flag} sets ${name} twice`);
  });

  it.each([
    ['a pair without a name', { var: ['=1'] }],
    ['a pair without a value', { label: ['campaign'] }],
    ['a window without an end', { window: '09:00' }],
    ['a window with three times', { window: '09:00-12:00-18:00' }],
    ['an unknown outcome', { redial: ['tired=1h'] }],
    ['a file that does not exist', { input: '/nowhere/call.json' }],
  ])('rejects %s with exit 2', async (_, flags) => {
    await expect(readStartFlags(flags)).rejects.toMatchObject({ exitCode: 2 });
  });

  it('does not repeat the content of a file that is not JSON', async () => {
    const input = await file('+14155550101');
    await expect(readStartFlags({ input })).rejects.toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('4155550101') }),
    );
  });
});

describe('a file of --vars-file', () => {
  it.each([
    ['a folder', () => Promise.resolve(folder)],
    ['missing', () => Promise.resolve(join(folder, 'missing.json'))],
    ['over 2 MiB', () => file({ a: 'x'.repeat(2 * 1024 * 1024) })],
    ['a list', () => file([])],
    ['not JSON', () => file('a=1')],
    ['UTF-16', () => file(Buffer.from('\ufeff{"a":"1"}', 'utf16le'))],
  ])('is rejected if it is %s', async (_, make) => {
    const varsFile = await make();
    await expect(readStartFlags({ varsFile })).rejects.toThrow(/TT3002 .*--vars-file/);
  });

  it('is read with a byte order mark', async () => {
    await expect(
      readStartFlags({ varsFile: await file('\ufeff{"a":"1"}') }),
    ).resolves.toMatchObject({ call: { variables: { a: '1' } } });
  });

  it.each([
    ['"amount"', '{"amount":"10","amount":"99"}'],
    ['"amount"', '{"x":[{"amount":"10"},{"amount":"1","am\\u006funt":"2"}]}'],
  ])('is rejected if the key %s occurs twice', async (key, content) => {
    const varsFile = await file(content);
    const refused = `--vars-file ${varsFile} contains the key ${key} twice`;
    await expect(readStartFlags({ varsFile })).rejects.toThrow(refused);
  });

  it('may contain one key in two objects, and text that looks like a key', async () => {
    const content = '{"a":"\\"b\\":","b":"{\\"a\\":1}","c":{"a":"x","b":[{"a":1},{"a":1}]}}';
    await expect(readStartFlags({ input: await file(content) })).resolves.toMatchObject({
      a: '"b":',
    });
  });
});
