import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Client } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkerOptions,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { createDataConverter } from '../../src/codec';
import { startCall } from '../../src/client/start-call';
import { phones, startTruedy, type RunningTruedy } from '../../src/testing';
import { TruedyPlugin, type TruedyPluginOptions } from '../../src/workers/plugin';
import { WORKFLOW_TYPE } from '../../src/workflows/messages';
import { K1 } from '../codec/support/keys';
import { rawHistory } from '../codec/support/raw';
import { inputFor, until } from '../support/rig';
import { testAddress } from '../support/temporal';

let truedy: RunningTruedy;
let workflowBundle: WorkflowBundleWithSourceMap;
const servers: Server[] = [];

beforeAll(async () => {
  // The program's own. Installing it again would throw.
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  truedy = await startTruedy({ address: testAddress(), workers: false });
  workflowBundle = await bundleWorkflowCode({ workflowsPath: require.resolve('./support/parent') });
});
afterEach(() => {
  jest.restoreAllMocks();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});
afterAll(() => truedy.stop());

/** Settings for the simulator, on task queues of their own. */
function settingsFor(more: TruedyPluginOptions = {}) {
  const taskQueue = `plugin-${randomUUID()}`;
  return { ...truedy.settings, ...more, taskQueue, apiTaskQueue: `${taskQueue}-api` };
}

/** A worker as a user creates it: with a workflow of its own. */
function userWorker(options: Partial<WorkerOptions>): Promise<Worker> {
  return Worker.create({
    connection: truedy.connection,
    taskQueue: `user-${randomUUID()}`,
    workflowBundle,
    ...options,
  });
}

function callTo(taskQueue: string, number: string = phones.answered) {
  return startCall(truedy.client, inputFor(number), { key: randomUUID(), taskQueue });
}

/** A Truedy API that leaves each request waiting for its answer. */
async function silentApi(): Promise<{ readonly baseUrl: string; readonly held: ServerResponse[] }> {
  const held: ServerResponse[] = [];
  const server = createServer((_request, response) => void held.push(response));
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { baseUrl: `http://127.0.0.1:${port}/api/public/v1`, held };
}

function answer(response: ServerResponse): void {
  response.writeHead(201, { 'content-type': 'application/json' });
  response.end('{"id":"call_1","status":"queued","agent_id":"agent_1"}');
}

/** Makes a version current, once the server knows that its workers poll. */
function setCurrent(deploymentName: string, buildId: string): Promise<unknown> {
  const request = { namespace: 'default', deploymentName, buildId };
  return until(() =>
    truedy.client.workflowService.setWorkerDeploymentCurrentVersion(request).catch(() => undefined),
  );
}

/** Whether the connection is free: it refuses to close while a worker holds it. */
async function expectFree(connection: NativeConnection): Promise<void> {
  await expect(connection.close()).resolves.toBeUndefined();
}

describe('TruedyPlugin', () => {
  it('places a call beside a worker of the user, and stops with it', async () => {
    const settings = settingsFor();
    const connection = await NativeConnection.connect({ address: truedy.address });
    const worker = await userWorker({ connection, plugins: [new TruedyPlugin(settings)] });
    const key = randomUUID();
    const result = await worker.runUntil(
      truedy.client.workflow.execute('Parent', {
        taskQueue: worker.options.taskQueue,
        workflowId: randomUUID(),
        args: [key, settings.taskQueue, inputFor(phones.answered)],
      }),
    );
    expect(result).toMatchObject({ outcome: 'answered' });
    const dials = truedy.simulator.dials().filter(({ ref }) => ref?.includes(key));
    expect(dials).toHaveLength(1);
    await expectFree(connection);
  });

  it('does not put the Truedy workers into the deployment of the worker of the user', async () => {
    const settings = settingsFor();
    const worker = await userWorker({
      plugins: [new TruedyPlugin(settings)],
      workerDeploymentOptions: {
        version: { deploymentName: `user-${randomUUID()}`, buildId: '1' },
        useWorkerVersioning: true,
        defaultVersioningBehavior: 'PINNED',
      },
    });
    // No version of the user's deployment is current, so a worker in it would receive nothing.
    const result = await worker.runUntil(async () => (await callTo(settings.taskQueue)).result());
    expect(result.outcome).toBe('answered');
  });

  it('puts the Truedy workers into the deployment of their own settings', async () => {
    const deploymentName = `truedy-${randomUUID()}`;
    const settings = settingsFor({
      deploymentName,
      buildId: '0.2.0',
      versioningBehavior: 'pinned',
    });
    const worker = await userWorker({ plugins: [new TruedyPlugin(settings)] });
    const key = randomUUID();
    const result = await worker.runUntil(async () => {
      await setCurrent(deploymentName, '0.2.0');
      return truedy.client.workflow.execute('Parent', {
        taskQueue: worker.options.taskQueue,
        workflowId: randomUUID(),
        args: [key, settings.taskQueue, inputFor(phones.answered)],
      });
    });
    expect(result).toMatchObject({ outcome: 'answered' });
    const { workflowExecutionInfo: info } =
      await truedy.client.workflowService.describeWorkflowExecution({
        namespace: 'default',
        execution: { workflowId: `call/${key}` },
      });
    expect(info?.versioningInfo?.deploymentVersion).toMatchObject({
      deploymentName,
      buildId: '0.2.0',
    });
  });

  it('asks mayDial before each dial', async () => {
    const mayDial = jest.fn().mockResolvedValue({ no: 'not today' });
    const settings = settingsFor({ mayDial });
    const worker = await userWorker({ plugins: [new TruedyPlugin(settings)] });
    const result = await worker.runUntil(async () => (await callTo(settings.taskQueue)).result());
    expect(result.outcome).toBe('suppressed');
    expect(mayDial).toHaveBeenCalledTimes(1);
  });

  it('does not hang where the work ends before the Truedy workers have started', async () => {
    const connection = await NativeConnection.connect({ address: truedy.address });
    const worker = await userWorker({ connection, plugins: [new TruedyPlugin(settingsFor())] });
    expect(await worker.runUntil(Promise.resolve('done'))).toBe('done');
    await expectFree(connection);
  });

  it('stops on shutdown only once the request in progress has its answer', async () => {
    const { baseUrl, held } = await silentApi();
    const settings = settingsFor({ baseUrl });
    const worker = await userWorker({ plugins: [new TruedyPlugin(settings)] });
    let isStopped = false;
    const running = worker.run().then(() => (isStopped = true));
    const handle = await callTo(settings.taskQueue);
    const request = await until(async () => held[0]);
    worker.shutdown();
    await until(async () => worker.getState() === 'STOPPED');
    expect(isStopped).toBe(false);
    answer(request);
    await running;
    const { events } = await handle.fetchHistory();
    expect(events?.some(({ activityTaskCompletedEventAttributes: done }) => done)).toBe(true);
    await handle.terminate();
  });

  it('shares one pair of workers between two workers on one connection', async () => {
    const settings = settingsFor();
    const connection = await NativeConnection.connect({ address: truedy.address });
    const plugins = [new TruedyPlugin(settings)];
    const first = await userWorker({ connection, plugins: [...plugins] });
    const second = await userWorker({ connection, plugins: [...plugins] });
    await second.runUntil(async () => {
      // The first one leaves without waiting for the workers that the second one still uses.
      await first.runUntil(async () => (await callTo(settings.taskQueue)).result());
      const { outcome } = await (await callTo(settings.taskQueue, phones.busy)).result();
      expect(outcome).toBe('busy');
    });
    await expectFree(connection);
  });

  it('starts again after the last worker has left, on the same connection', async () => {
    const settings = settingsFor();
    const plugin = new TruedyPlugin(settings);
    const first = await userWorker({ plugins: [plugin] });
    const second = await userWorker({ plugins: [plugin] });
    const running = first.run();
    await (await callTo(settings.taskQueue)).result();
    first.shutdown();
    // The workers of the first one are still stopping.
    await second.runUntil(async () => (await callTo(settings.taskQueue)).result());
    await running;
  });

  it('refuses a second worker on the connection whose settings differ', async () => {
    const settings = settingsFor();
    const first = await userWorker({ plugins: [new TruedyPlugin(settings)] });
    const second = await userWorker({
      plugins: [new TruedyPlugin({ ...settings, apiKey: 'truedy_other_0123456789' })],
    });
    await first.runUntil(async () => {
      await expect(second.run()).rejects.toThrow(/^Two TruedyPlugins with different settings/);
      await (await callTo(settings.taskQueue)).result();
    });
  });

  it('may be given to the connection and the worker', async () => {
    const settings = settingsFor();
    const plugin = new TruedyPlugin(settings);
    const { address } = truedy;
    const connection = await NativeConnection.connect({ address, plugins: [plugin] });
    const worker = await userWorker({ connection, plugins: [plugin] });
    const result = await worker.runUntil(async () => (await callTo(settings.taskQueue)).result());
    expect(result.outcome).toBe('answered');
    await expectFree(connection);
  });

  it('stops the worker of the user where its workers cannot start, and releases the connection', async () => {
    const settings = settingsFor();
    const connection = await NativeConnection.connect({ address: truedy.address });
    // Another worker of the connection already serves the second queue, so only the first one can be created.
    const other = await Worker.create({
      connection,
      taskQueue: settings.apiTaskQueue,
      activities: { something: async () => undefined },
    });
    const worker = await userWorker({ connection, plugins: [new TruedyPlugin(settings)] });
    await other.runUntil(async () => {
      await expect(worker.run()).rejects.toThrow(/overlapping/);
      expect(worker.getState()).toBe('STOPPED');
    });
    await expectFree(connection);
  });

  it('stops the worker of the user where one of its workers fails, and reports that error', async () => {
    const settings = settingsFor();
    const connection = await NativeConnection.connect({ address: truedy.address });
    const created: Worker[] = [];
    const worker = await userWorker({ connection, plugins: [new TruedyPlugin(settings)] });
    const create = Worker.create.bind(Worker);
    jest.spyOn(Worker, 'create').mockImplementation(async (options) => {
      const inner = await create(options);
      created.push(inner);
      return inner;
    });
    const running = worker.run();
    running.catch(() => undefined);
    const calls = await until(async () => created.find((one) => one.getState() === 'RUNNING'));
    // What the SDK does on an error that it cannot recover from.
    Reflect.get(calls, 'unexpectedErrorSubject').error(new Error('broken inside'));
    await expect(running).rejects.toThrow('broken inside');
    expect(worker.getState()).toBe('STOPPED');
    await expectFree(connection);
  });

  it('stops its workers where that of the user fails, and reports the user’s error', async () => {
    const settings = settingsFor();
    const connection = await NativeConnection.connect({ address: truedy.address });
    const worker = await userWorker({ connection, plugins: [new TruedyPlugin(settings)] });
    const running = worker.run();
    running.catch(() => undefined);
    await (await callTo(settings.taskQueue)).result();
    Reflect.get(worker, 'unexpectedErrorSubject').error(new Error('broken outside'));
    await expect(running).rejects.toThrow('broken outside');
    await expectFree(connection);
  });

  it('shares the interceptors and the converter of the user, but none of the SDK’s own sinks', async () => {
    const settings = settingsFor();
    const seen: string[] = [];
    const tracer = { execute: jest.fn((input, next) => next(input)) };
    const worker = await userWorker({
      plugins: [new TruedyPlugin(settings)],
      sinks: { trace: { saw: { fn: ({ workflowType }) => void seen.push(workflowType) } } },
      interceptors: {
        workflowModules: [require.resolve('./support/interceptor')],
        activity: [() => ({ inbound: tracer })],
      },
      dataConverter: {
        payloadCodecs: [
          {
            encode: async (payloads) => payloads,
            decode: async (payloads) => payloads,
          },
        ],
      },
    });
    await worker.runUntil(async () => (await callTo(settings.taskQueue)).result());
    expect(seen).toEqual([WORKFLOW_TYPE]);
    expect(tracer.execute).toHaveBeenCalled();
  });

  it('encrypts with its keys, and gives them to the worker of the user', async () => {
    const settings = settingsFor({ encryptionKeys: K1 });
    const { connection } = truedy;
    const client = new Client({ connection, dataConverter: createDataConverter({ keys: K1 }) });
    const worker = await userWorker({
      taskQueue: 'encrypted',
      plugins: [new TruedyPlugin(settings)],
    });
    const key = randomUUID();
    const parent = await client.workflow.start('Parent', {
      workflowId: `parent-${key}`,
      taskQueue: 'encrypted',
      args: [key, settings.taskQueue, inputFor(phones.answered)],
    });
    const result = await worker.runUntil(parent.result());
    expect(result).toMatchObject({ outcome: 'answered' });
    for (const handle of [parent, client.workflow.getHandle(`call/${key}`)]) {
      expect(await rawHistory({ client }, handle)).not.toContain(phones.answered.slice(2));
    }
  });

  it('refuses keys beside a data converter of the user', async () => {
    const plugins = [new TruedyPlugin(settingsFor({ encryptionKeys: K1 }))];
    await expect(userWorker({ plugins, dataConverter: { payloadCodecs: [] } })).rejects.toThrow(
      'TT2001  1 setting is wrong: encryptionKeys (TRUEDY_ENCRYPTION_KEYS) is set, and the worker ' +
        'has a data converter of its own',
    );
  });

  it('keeps the API key and encryption keys out of what the SDK logs of a worker', () => {
    const plugin = new TruedyPlugin(
      settingsFor({ apiKey: 'truedy_secret_0123456789', encryptionKeys: K1 }),
    );
    const logged = [inspect(plugin, { depth: 10, showHidden: true }), JSON.stringify(plugin)];
    expect(logged.join()).not.toMatch(/secret|AQEB/);
  });

  it('needs settings to run, but not to replay', async () => {
    const plugin = new TruedyPlugin({ apiKey: '', taskQueue: 'with space' });
    await expect(userWorker({ plugins: [plugin] })).rejects.toThrow(
      'TT2001  2 settings are wrong: apiKey (TRUEDY_API_KEY) is empty · ' +
        'taskQueue (TRUEDY_TASK_QUEUE) is not a valid task queue name',
    );
    const replay = Worker.runReplayHistories(
      { workflowsPath: require.resolve('./support/parent'), plugins: [plugin] },
      [],
    );
    for await (const _ of replay) throw new Error('There is nothing to replay');
  });
});

describe('a program with the plugin', () => {
  it.each([
    ['a connection of its own', { OWN_CONNECTION: '1' }],
    ['no connection', {}],
  ])('stops on SIGTERM with %s', async (_, environment) => {
    const settings = settingsFor();
    const child = spawn(
      process.execPath,
      ['--import', require.resolve('tsx'), join(__dirname, 'support/user-program.ts')],
      {
        env: {
          ...process.env,
          ...environment,
          TEMPORAL_ADDRESS: truedy.address,
          SETTINGS: JSON.stringify(settings),
        },
        stdio: 'ignore',
      },
    );
    const ended = once(child, 'exit');
    await (await callTo(settings.taskQueue)).result();
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });
});
