import { randomUUID } from 'node:crypto';
import { toTruedyFailure } from '../../src';
import { phones, startTruedy, type PhonePlan, type RunningTruedy } from '../../src/testing';
import { rawHistory } from '../codec/support/raw';
import { K1, K2 } from '../codec/support/keys';
import { schemaProblems } from '../support/schema';
import { testAddress } from '../support/temporal';
import { GO, isInstalled, PYTHON, type Ended } from './support/languages';

const KEYS = 'TRUEDY_ENCRYPTION_KEYS';
const FORBIDDEN: PhonePlan = {
  post: { kind: 'answer', status: 403, code: 'forbidden', dials: false },
};
let lastNumber = 4_155_550_150;
const nextNumber = () => `+1${(lastNumber += 1)}`;

const platforms = new Map<string, RunningTruedy>();

/** Simulator, bridge and workers, with these keys or without any. Data in the server is encrypted with the keys. */
async function startWith(keys: string): Promise<RunningTruedy> {
  process.env[KEYS] = keys;
  try {
    return await startTruedy({ address: testAddress() });
  } finally {
    delete process.env[KEYS];
  }
}

beforeAll(async () => {
  for (const keys of ['', K1]) platforms.set(keys, await startWith(keys));
}, 120_000);
afterAll(async () => {
  for (const truedy of platforms.values()) await truedy.stop();
});

describe.each([PYTHON, GO])('the examples in $name', (language) => {
  const test = isInstalled(language) ? it : it.skip;
  let programs: Awaited<ReturnType<typeof language.prepare>>;
  beforeAll(async () => {
    if (test !== it.skip) programs = await language.prepare();
  }, 600_000);

  describe.each([
    ['without encryption', ''],
    ['with encryption', K1],
  ])('%s', (_, keys) => {
    /** Runs a program as a user does: with the address of the server, the queue and the keys. */
    const run = (program: 'start' | 'parent', to: string, key: string, own = keys) => {
      const truedy = platforms.get(keys) as RunningTruedy;
      const args = ['--to', to, '--agent', 'agent_1', '--key', key];
      const env = { TEMPORAL_ADDRESS: truedy.address, TRUEDY_TASK_QUEUE: truedy.taskQueue };
      return programs[program](args, { ...env, [KEYS]: own });
    };
    const dialsOf = (to: string) =>
      (platforms.get(keys) as RunningTruedy).simulator
        .dials()
        .filter(({ number }) => number === to);
    const handleOf = (key: string) =>
      (platforms.get(keys) as RunningTruedy).client.workflow.getHandle(`call/${key}`);
    const plan = async (...plans: readonly PhonePlan[]) => {
      const to = nextNumber();
      await (platforms.get(keys) as RunningTruedy).simulator.plan(to, ...plans);
      return to;
    };
    const printed = (outcome: string): Partial<Ended> => ({ status: 0, stdout: `${outcome}\n` });

    test('start a call once for each key, and print its outcome', async () => {
      const [to, key] = [await plan({ phone: 'voicemail' }), randomUUID()];
      const first = await run('start', to, key);
      expect(first).toMatchObject(printed('voicemail'));
      // The result as types of the language, so it must be complete.
      const { result, view } = JSON.parse(first.stderr);
      expect(result).toEqual(await handleOf(key).result());
      expect(view).toEqual(await handleOf(key).query('getCall'));
      expect(schemaProblems('call-result')(result)).toEqual([]);
      expect(schemaProblems('call-view')(view)).toEqual([]);
      expect(await run('start', to, key)).toMatchObject(printed('voicemail'));
      expect(await run('parent', to, key)).toMatchObject(printed('voicemail'));
      expect(dialsOf(to)).toHaveLength(1);
    });

    test('call from a parent workflow, once for each key', async () => {
      const [to, key] = [await plan({ phone: 'busy' }), randomUUID()];
      expect(await run('parent', to, key)).toMatchObject(printed('busy'));
      expect(await run('parent', to, key)).toMatchObject(printed('busy'));
      expect(dialsOf(to)).toHaveLength(1);
      const { status, raw } = await handleOf(key).describe();
      expect([status.name, raw.workflowExecutionInfo?.parentExecution?.workflowId]).toEqual([
        'COMPLETED',
        expect.stringMatching(/^order-/),
      ]);
    });

    test.each(['start', 'parent'] as const)('print the type of a failure: %s', async (program) => {
      const [to, key] = [await plan(FORBIDDEN), randomUUID()];
      const failed = { status: 1, stdout: 'forbidden\n', stderr: expect.stringContaining('403') };
      expect(await run(program, to, key)).toMatchObject(failed);
      const error = await handleOf(key)
        .result()
        .catch((thrown: unknown) => thrown);
      expect(toTruedyFailure(error)).toMatchObject({ type: 'forbidden', status: 403 });
      expect(dialsOf(to)).toEqual([]);
    });

    test('report an input that the worker does not accept', async () => {
      expect(await run('start', '0150', randomUUID())).toMatchObject({
        status: 1,
        stdout: 'InvalidInput\n',
      });
    });

    test('leave a number readable in the server only without encryption', async () => {
      const [to, key] = [phones.answered, randomUUID()];
      expect(await run('start', to, key)).toMatchObject(printed('answered'));
      const history = await rawHistory(
        { client: (platforms.get(keys) as RunningTruedy).client },
        handleOf(key),
      );
      expect(history.includes('4155550101')).toBe(keys === '');
    });

    if (keys === '') return;
    test('read and write with several keys, and name a key that is missing', async () => {
      const [to, key] = [await plan({ phone: 'busy' }), randomUUID()];
      expect(await run('start', to, key, `${K1},${K2}`)).toMatchObject(printed('busy'));
      expect(await run('start', to, key, `${K2},${K1}`)).toMatchObject(printed('busy'));
      const { status, stderr, stdout } = await run('start', to, key, K2);
      expect(status).not.toBe(0);
      expect(`${stdout}${stderr}`).toContain('UnknownEncryptionKey:k1');
    });
  });
});
