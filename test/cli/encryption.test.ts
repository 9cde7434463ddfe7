import { randomUUID } from 'node:crypto';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createDataConverter } from '../../src/codec';
import { K1, K2 } from '../codec/support/keys';
import { rawTexts } from '../codec/support/raw';
import { inputFor, startRig, until, type Rig } from '../support/rig';
import { testAddress } from '../support/temporal';
import { command } from './support/command';

const NAME = 'Canaria';
const NUMBER = '+14155550142';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig({ dataConverter: createDataConverter({ keys: K1 }) });
});
afterAll(() => rig.stop());

const verb = (argv: readonly string[], keys: string | undefined) =>
  command(argv, { TRUEDY_TASK_QUEUE: rig.taskQueue, TRUEDY_ENCRYPTION_KEYS: keys });

async function call(): Promise<string> {
  const key = randomUUID();
  const to = ['--to', NUMBER, '--agent', 'agent_1', '--var', `name=${NAME}`, '--key', key];
  const ran = await verb(['start', ...to, '--wait', '-o', 'json'], K1);
  expect(ran).toMatchObject({ exit: 0 });
  expect(JSON.parse(ran.stdout)).toMatchObject({ outcome: 'answered' });
  return key;
}

it('starts, describes and reports a call whose data only the keys can read', async () => {
  const key = await call();
  expect(await verb(['describe', key], K1)).toMatchObject({ exit: 0 });
  expect((await verb(['result', key, '-o', 'json'], `${K2},${K1}`)).exit).toBe(0);
  const raw = await rawTexts(rig, rig.client.workflow.getHandle(`call/${key}`));
  expect(raw).not.toMatch(/canaria|4155550142/i);
});

it.each([
  ['another key', K2, 'key k1 is missing'],
  ['no key', undefined, 'TRUEDY_ENCRYPTION_KEYS is not set'],
])('names the missing setting with %s', async (_, keys, why) => {
  const key = await call();
  for (const name of ['result', 'describe']) {
    const { exit, stderr } = await verb([name, key], keys);
    expect({ exit, stderr }).toEqual({ exit: 3, stderr: expect.stringMatching(/^TT6004 /) });
    expect(stderr).toContain(why);
  }
});

describe('a call whose worker fails its workflow task', () => {
  async function describeWith(converter: { keys: string }, workflowsPath: string, keys: string) {
    const taskQueue = `broken-${randomUUID()}`;
    const connection = await NativeConnection.connect({ address: testAddress() });
    const dataConverter = createDataConverter(converter);
    const worker = await Worker.create({ connection, taskQueue, workflowsPath, dataConverter });
    const workflowId = `call/${randomUUID()}`;
    const ran = await worker.runUntil(async () => {
      const options = { workflowId, taskQueue, args: [inputFor(NUMBER)] };
      const handle = await rig.client.workflow.start('OutboundCallWorkflow', options);
      await until(
        async () => ((await handle.describe()).raw.pendingWorkflowTask?.attempt ?? 0) > 1,
      );
      const described = await verb(['describe', workflowId], keys);
      await handle.terminate();
      return described;
    });
    await connection.close();
    return ran;
  }

  it('is reported with the key that the worker lacks', async () => {
    const { exit, stderr } = await describeWith(
      { keys: K2 },
      require.resolve('../../src/workflows'),
      K1,
    );
    expect(exit).toBe(4);
    expect(stderr).toMatch(/^TT6003 .* keeps failing: the worker lacks encryption key k1\n/);
  });

  it('is reported with the decrypted message', async () => {
    const { exit, stderr } = await describeWith(
      { keys: K1 },
      require.resolve('./support/broken-workflow'),
      K1,
    );
    expect(exit).toBe(4);
    expect(stderr).toMatch(/^TT6003 .* keeps failing: cannot decode \+1•••01\n/);
  });
});

describe('doctor', () => {
  const find = async (keys: string | undefined, env: Record<string, string> = {}) => {
    const { stdout } = await command(['doctor', '--no-bridge', '-o', 'json'], {
      TRUEDY_TASK_QUEUE: rig.taskQueue,
      TRUEDY_ENCRYPTION_KEYS: keys,
      ...env,
    });
    const found: { check: string; mark: string; seen: string }[] = JSON.parse(stdout);
    return found.find(({ check }) => check === 'Encryption');
  };

  it('reports which key writes, and which open calls cannot be read', async () => {
    const notBefore = new Date(Date.now() + 3_600_000).toISOString();
    const handle = await rig.start(inputFor(NUMBER, { notBefore }));
    const query = `WorkflowId = '${handle.workflowId}'`;
    await until(async () => (await rig.client.workflow.count(query)).count > 0);
    expect(await find(`${K2},${K1}`)).toMatchObject({
      mark: 'ok',
      seen: 'payloads and failure messages, with key k2; k1 can be read too',
    });
    for (const keys of [K2, undefined]) {
      expect(await find(keys)).toMatchObject({
        mark: 'failure',
        seen: 'TT6004  Open calls need a key that is missing here: k1',
      });
    }
    await handle.terminate();
    await until(async () => (await find(undefined))?.mark === 'ok');
    expect(await find(undefined)).toMatchObject({ seen: expect.stringMatching(/^off: /) });
  });

  it('reports a converter of the user, and a setting that is wrong', async () => {
    const path = require.resolve('../temporal/support/own-converter.cjs');
    const own = await find(undefined, { TRUEDY_DATA_CONVERTER: path });
    expect(own).toMatchObject({ mark: 'ok', seen: `by the data converter in ${path}` });
    expect(await find('k1:short')).toMatchObject({ mark: 'skipped' });
  });
});

describe('config show', () => {
  it('shows the ids of keys and nothing of the keys', async () => {
    const { stdout } = await verb(['config', 'show'], `${K2},${K1}`);
    expect(stdout).toMatch(/TRUEDY_ENCRYPTION_KEYS +set \(k2, k1\) +env/);
    const invalid = await verb(['config', 'show'], `${K1.slice(0, -3)},k2`);
    expect(invalid.exit).toBe(3);
    expect(invalid.stdout).toMatch(/✗ TRUEDY_ENCRYPTION_KEYS +set +env\n +contains an entry/);
    for (const text of [stdout, invalid.stdout]) expect(text).not.toMatch(/AQEB|AgIC/);
  });
});
