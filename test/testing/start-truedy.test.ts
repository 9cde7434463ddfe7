import { randomUUID } from 'node:crypto';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { createWorkers, startCall } from '../../src';
import {
  phones,
  startSimulator,
  startTemporalServer,
  startTruedy,
  type RunningTruedy,
} from '../../src/testing';
import { VIRTUAL_PHONES } from '../../src/testing/simulator/phones/scenario';
import { PHONES } from '../../src/testing/simulator/script/script';
import { inputFor, until } from '../support/rig';
import { testAddress } from '../support/temporal';

beforeAll(() => {
  // The program's own. Installing it again would throw.
  Runtime.install({ logger: new DefaultLogger('ERROR') });
});

describe('startTruedy', () => {
  let truedy: RunningTruedy;
  beforeAll(async () => {
    truedy = await startTruedy({ address: testAddress() });
  });
  afterAll(() => truedy.stop());

  const call = async (number: string, more: Parameters<typeof inputFor>[1] = {}) => {
    const { client, taskQueue } = truedy;
    const handle = await startCall(client, inputFor(number, more), {
      key: randomUUID(),
      taskQueue,
    });
    return handle.result();
  };

  it('runs calls whose webhooks arrive', async () => {
    const { outcome, attempts } = await call(phones.answered);
    expect([outcome, attempts[0]?.learnedBy]).toEqual(['answered', 'webhook']);
  });

  it('plays what was planned for a number, once for each dial', async () => {
    const number = '+14155550150';
    await truedy.simulator.plan(number, { phone: 'busy' }, { phone: 'answered' });
    const redial = { maxAttempts: 2, after: { busy: ['1m'] } };
    const { outcome, attempts } = await call(number, { redial });
    expect(outcome).toBe('answered');
    expect(attempts.map((attempt) => attempt.outcome)).toEqual(['busy', 'answered']);
    const dials = truedy.simulator.dials().filter((dial) => dial.number === number);
    expect(dials.map(({ callId }) => callId)).toEqual(attempts.map(({ callId }) => callId));
  });

  it('ignores the deployment of the environment, which no server of a test has', async () => {
    process.env['TRUEDY_DEPLOYMENT_NAME'] = 'truedy';
    process.env['TRUEDY_BUILD_ID'] = '0.2.0';
    const unversioned = await startTruedy({ address: testAddress() }).finally(() => {
      delete process.env['TRUEDY_DEPLOYMENT_NAME'];
      delete process.env['TRUEDY_BUILD_ID'];
    });
    const { client, taskQueue } = unversioned;
    const options = { key: randomUUID(), taskQueue };
    await (await startCall(client, inputFor(phones.answered), options)).result();
    await unversioned.stop();
  });

  it('lists what is wrong with a plan', async () => {
    const wrong = { phone: 'asleep' } as never;
    await expect(truedy.simulator.plan('+14155550150', wrong)).rejects.toThrow(
      /^The plan is not valid.*14155550150/,
    );
  });
});

describe('createWorkers', () => {
  it('runs without a worker of the user, asks mayDial and releases the connection', async () => {
    const truedy = await startTruedy({ address: testAddress(), workers: false });
    const { client, connection, taskQueue, settings } = truedy;
    const mayDial = jest.fn().mockResolvedValue({ no: 'not today' });
    const workers = await createWorkers({ ...settings, mayDial, temporal: { connection } });
    const running = workers.run();
    const key = randomUUID();
    const handle = await startCall(client, inputFor(phones.answered), { key, taskQueue });
    expect((await handle.result()).outcome).toBe('suppressed');
    expect(mayDial).toHaveBeenCalledTimes(1);
    expect(workers.because()).toEqual([]);
    workers.shutdown();
    await running;
    expect(workers.isLive()).toBe(false);
    await truedy.stop();
  });

  it('connects by the environment where it is given no connection', async () => {
    const truedy = await startTruedy({ address: testAddress(), workers: false });
    process.env['TEMPORAL_ADDRESS'] = testAddress();
    const workers = await createWorkers(truedy.settings).finally(() => {
      delete process.env['TEMPORAL_ADDRESS'];
    });
    const running = workers.run();
    const { client, taskQueue } = truedy;
    const options = { key: randomUUID(), taskQueue };
    await (await startCall(client, inputFor(phones.answered), options)).result();
    workers.shutdown();
    await running;
    await truedy.stop();
  });

  it('runs in the deployment of the options of the SDK, but not of two deployments', async () => {
    const truedy = await startTruedy({ address: testAddress(), workers: false });
    const { client, connection, taskQueue, settings } = truedy;
    const version = { deploymentName: `own-${randomUUID()}`, buildId: '7' };
    const workerDeploymentOptions = {
      version,
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'PINNED',
    } as const;
    const temporal = { connection, workerDeploymentOptions };
    const both = { ...settings, deploymentName: 'truedy', buildId: '1', temporal };
    await expect(createWorkers(both)).rejects.toThrow(
      'TT2001  1 setting is wrong: deploymentName (TRUEDY_DEPLOYMENT_NAME) is set together with ' +
        'workerDeploymentOptions',
    );
    const workers = await createWorkers({ ...settings, temporal });
    const running = workers.run();
    const request = { namespace: 'default', ...version };
    await until(() =>
      client.workflowService.setWorkerDeploymentCurrentVersion(request).catch(() => undefined),
    );
    const key = randomUUID();
    const handle = await startCall(client, inputFor(phones.answered), { key, taskQueue });
    expect((await handle.result()).outcome).toBe('answered');
    workers.shutdown();
    await running;
    await truedy.stop();
  });

  it('reports every wrong setting by its option and its variable', async () => {
    const wrong = createWorkers({ apiKey: 'with space', timeScale: 2, dialCheckNumber: true });
    await expect(wrong).rejects.toThrow(
      'TT2001  2 settings are wrong: apiKey (TRUEDY_API_KEY) contains whitespace or non-ASCII ' +
        'characters · timeScale (TRUEDY_TIME_SCALE) shortens waits',
    );
  });

  it('ignores variables that belong to the program', async () => {
    process.env['LOG_LEVEL'] = 'silly';
    const truedy = await startTruedy({ address: testAddress() }).finally(() => {
      delete process.env['LOG_LEVEL'];
    });
    await truedy.stop();
  });
});

describe('the parts alone', () => {
  it('starts a simulator that sends no webhooks', async () => {
    const simulator = await startSimulator();
    const answer = await fetch(`${simulator.baseUrl}/calls`, {
      method: 'POST',
      headers: { authorization: 'Bearer truedy_any', 'content-type': 'application/json' },
      body: JSON.stringify(inputFor(phones.answered).call),
    });
    expect(answer.status).toBe(201);
    expect(simulator.dials()).toHaveLength(1);
    await simulator.stop();
    await expect(fetch(simulator.baseUrl)).rejects.toThrow();
  });

  it('starts a Temporal server of its own, whatever the environment names', async () => {
    process.env['TEMPORAL_ADDRESS'] = '127.0.0.1:1';
    const server = await startTemporalServer().finally(() => {
      delete process.env['TEMPORAL_ADDRESS'];
    });
    const truedy = await startTruedy({ address: server.address });
    await truedy.stop();
    await server.stop();
    await expect(startTruedy({ address: server.address })).rejects.toThrow(/connect|transport/i);
  });

  it('names numbers that behave as they say', () => {
    const scripts = new Map(VIRTUAL_PHONES.map(({ number, script }) => [number, script]));
    const behaviors = Object.values(phones).map((number) => scripts.get(number));
    expect(behaviors).toEqual(Object.keys(phones).map((phone) => ({ phone })));
    expect(Object.keys(phones).sort()).toEqual([...PHONES].sort());
  });
});
