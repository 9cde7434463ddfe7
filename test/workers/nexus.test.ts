import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { Connection } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { newNamespace } from '../support/namespace';
import { inputFor, startRig, until, type Rig } from '../support/rig';
import { inPhase } from '../support/steer';
import { testAddress } from '../support/temporal';
import { startUserWorker, type UserWorker } from '../workflows/support/user-worker';

const endpoint = `truedy-${randomUUID()}`;
const NUMBER = '+14155550180';

let rig: Rig;
/** In the namespace of the calls, and in another one. */
let near: UserWorker;
let far: UserWorker;

beforeAll(async () => {
  rig = await startRig();
  await rig.plan({ numbers: { [NUMBER]: { phone: 'answered' } } });
  const connection = await Connection.connect({ address: testAddress() });
  await connection.operatorService.createNexusEndpoint({
    spec: {
      name: endpoint,
      target: { worker: { namespace: 'default', taskQueue: rig.taskQueue } },
    },
  });
  const callers = require.resolve('./support/nexus-callers');
  near = await startUserWorker(callers);
  far = await startUserWorker(callers, await newNamespace(connection));
  await connection.close();
}, 90_000);

afterAll(async () => {
  await near.stop();
  await far.stop();
  await rig.stop();
});

const waiting = () =>
  inputFor(NUMBER, { notBefore: new Date(Date.now() + 3_600_000).toISOString() });

function handleOf(key: string): WorkflowHandle {
  return rig.client.workflow.getHandle(`call/${key}`);
}

function ask(user: UserWorker, key: unknown, input: unknown = inputFor(NUMBER)) {
  return user.start('NexusCaller', endpoint, { key, input });
}

/** The failures of a run, from the outside in. */
async function failuresOf(handle: WorkflowHandle): Promise<readonly Error[]> {
  const error: unknown = await handle.result().catch((thrown: unknown) => thrown);
  const chain: Error[] = [];
  for (let one = error; one instanceof Error; one = one.cause) chain.push(one);
  return chain;
}

/** What docs/embed.md says: the call's own failure is the innermost one. */
async function callFailure(handle: WorkflowHandle): Promise<ApplicationFailure | undefined> {
  return (await failuresOf(handle)).findLast((error) => error instanceof ApplicationFailure);
}

async function callbacks(handle: WorkflowHandle): Promise<number> {
  return (await handle.describe()).raw.callbacks?.length ?? 0;
}

describe('the operation `call`', () => {
  it('is one run for callers in two namespaces', async () => {
    const key = randomUUID();
    const callers = [await ask(near, key, waiting()), await ask(far, key, waiting())];
    await inPhase(handleOf(key), 'waiting');
    await until(async () => (await callbacks(handleOf(key))) === 2);
    await handleOf(key).executeUpdate('redialNow');
    const result = await handleOf(key).result();
    expect(result).toMatchObject({ outcome: 'answered' });
    for (const caller of callers) expect(await caller.result()).toEqual(result);
    expect((await rig.seen(handleOf(key))).dials).toHaveLength(1);
    expect(await (await handleOf(key).describe()).staticSummary()).toMatch(/^Call \+1/);
  });

  it('returns the stored result of a closed run', async () => {
    const handle = await rig.start(inputFor(NUMBER));
    const result = await handle.result();
    expect(await (await ask(far, handle.workflowId)).result()).toEqual(result);
    expect((await rig.seen(handle)).dials).toHaveLength(1);
  });

  it('is one call with the child of a parent', async () => {
    const key = randomUUID();
    const caller = await ask(far, key, waiting());
    await inPhase(handleOf(key), 'waiting');
    const parents = await startUserWorker(require.resolve('../workflows/support/parents'));
    const parent = await parents.call(inputFor(NUMBER), { key, taskQueue: rig.taskQueue });
    await until(async () => ((await parent.describe()).raw.pendingActivities ?? []).length > 0);
    await handleOf(key).executeUpdate('redialNow');
    expect(await parent.result()).toEqual(await caller.result());
    await parents.stop();
  });

  it('cancels the run with its caller, for all callers', async () => {
    const key = randomUUID();
    const [first, second] = [await ask(near, key, waiting()), await ask(far, key, waiting())];
    await until(async () => (await callbacks(handleOf(key)).catch(() => 0)) === 2);
    await second.cancel();
    const prevented = { outcome: 'cancelled', cancellation: 'prevented', attempts: [] };
    expect(await second.result()).toEqual(prevented);
    expect(await first.result()).toEqual(prevented);
  });
});

describe('the failure of the operation', () => {
  it('is that of the run, for a caller that waited and one that came later', async () => {
    const key = randomUUID();
    const expected = {
      type: 'InvalidInput',
      message: expect.stringMatching(/^InvalidInput: call/),
    };
    const waited = await failuresOf(await ask(far, key, {}));
    expect(waited.map(({ name }) => name)).toEqual([
      'WorkflowFailedError',
      'NexusOperationFailure',
      'ApplicationFailure',
    ]);
    expect(waited.at(-1)).toMatchObject(expected);
    const later = await failuresOf(await ask(far, key, {}));
    expect(later.at(-2)).toMatchObject({ type: 'OperationError' });
    expect(later.at(-1)).toMatchObject(expected);
  });

  it('is CallAborted if the run was terminated', async () => {
    const handle = await rig.start(waiting());
    await handle.terminate();
    expect(await callFailure(await ask(far, handle.workflowId))).toMatchObject({
      type: 'CallAborted',
      message: expect.stringMatching(/was terminated before it had a result/),
    });
  });

  it('names a run that is terminated while callers wait', async () => {
    const key = randomUUID();
    const caller = await ask(far, key, waiting());
    await inPhase(handleOf(key), 'waiting');
    await until(async () => (await callbacks(handleOf(key))) === 1);
    await handleOf(key).terminate();
    expect((await failuresOf(caller)).map(({ name }) => name)).toContain('TerminatedFailure');
  });

  it.each([[''], ['order 4711'], ['14155550180'], [undefined]])(
    'is InvalidInput for the key %j',
    async (key) => {
      expect(await callFailure(await ask(far, key))).toMatchObject({ type: 'InvalidInput' });
    },
  );

  it('is InvalidInput for a request that is not an object', async () => {
    const caller = await far.start('NexusCaller', endpoint, null);
    expect(await callFailure(caller)).toMatchObject({ type: 'InvalidInput' });
  });
});
