import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startChild, type Child } from '../../src/cli/demo/child';
import { startDevServer } from '../../src/testing/dev-server/dev-server';
import { WORKFLOW_TYPE } from '../../src/workflows/messages';
import { freeAddress, scrape } from '../support/metrics-page';
import { inputFor, until } from '../support/rig';
import { testAddress, testClient } from '../support/temporal';

const children: Child[] = [];
const servers: Server[] = [];

afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill('SIGKILL')));
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** The settings of a worker on its own task queues, without a Truedy server. */
function settingsFor(more: Record<string, string>) {
  const queue = `worker-${randomUUID()}`;
  return {
    TEMPORAL_ADDRESS: testAddress(),
    TRUEDY_API_KEY: 'truedy_worker_0123456789',
    TRUEDY_BASE_URL: 'http://127.0.0.1:1/api/public/v1',
    TRUEDY_TASK_QUEUE: queue,
    TRUEDY_API_TASK_QUEUE: `${queue}-api`,
    LOG_LEVEL: 'fatal',
    ...more,
  };
}

async function start(settings: Record<string, string>, entry = 'worker'): Promise<Child> {
  const child = await startChild(entry, settings);
  children.push(child);
  return child;
}

/** Runs a worker that cannot start, until it exits. */
async function refused(settings: Record<string, string>) {
  const entry = join(__dirname, '../../src/worker.ts');
  const child = spawn(process.execPath, ['--import', require.resolve('tsx'), entry], {
    env: { ...process.env, ...settingsFor(settings) },
  });
  const [said, [exit]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  return { exit: exit as number | null, said };
}

async function serve(handler: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_request, response) => handler(response)).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function probe(path: string, address: string): Promise<[number, unknown]> {
  const answer = await fetch(`http://${address}${path}`);
  return [answer.status, await answer.json()];
}

const portOf = (address: string) => address.slice(address.indexOf(':') + 1);

describe('a worker', () => {
  it('is live and ready, and has no metrics there', async () => {
    const health = await freeAddress();
    await start(settingsFor({ HEALTH_PORT: portOf(health) }));
    expect(await probe('/livez', health)).toEqual([200, { live: true }]);
    expect(await probe('/readyz', health)).toEqual([200, { ready: true }]);
    expect((await fetch(`http://${health}/metrics`)).status).toBe(404);
  });

  it.each([
    ['behind', -7_000],
    ['ahead of', 7_000],
  ])('is not ready while its clock is 7 s %s the server’s', async (side, offMs) => {
    const health = await freeAddress();
    const settings = settingsFor({ HEALTH_PORT: portOf(health), CLOCK_OFF_MS: String(offMs) });
    await start(settings, '../test/faults/support/worker');
    const told = await until(async () => {
      const [status, body] = await probe('/readyz', health);
      return status === 503 && body;
    });
    expect(told).toEqual({
      ready: false,
      because: [
        expect.stringMatching(
          `^this machine's clock is [67]\\.\\d s ${side} Temporal's; at most 5 s are allowed$`,
        ),
      ],
    });
  });

  it.each(['METRICS_ADDRESS', 'HEALTH_PORT'])(
    'leaves with 3 and without a stack where the place of %s is taken',
    async (name) => {
      const taken = await serve((response) => response.end());
      const setting = name === 'HEALTH_PORT' ? portOf(taken) : taken;
      const { exit, said } = await refused({ [name]: setting });
      expect(exit).toBe(3);
      expect(said).toMatch(
        new RegExp(
          `^TT2001 {2}1 setting is wrong: .*${name} ${setting} cannot be used: .*in ?use`,
          'i',
        ),
      );
      expect(said.trim().split('\n')).toHaveLength(2);
    },
  );

  it('is probed at HEALTH_HOST, and exits with 3 if this machine does not have it', async () => {
    // From an address range reserved for documentation.
    const { exit, said } = await refused({ HEALTH_HOST: '192.0.2.1', HEALTH_PORT: '0' });
    expect(exit).toBe(3);
    expect(said).toMatch(/ HEALTH_HOST 192\.0\.2\.1, HEALTH_PORT 0 cannot be used: EADDRNOTAVAIL/);
  });

  it('is not ready but live while it awaits the answer to its last request', async () => {
    const held: ServerResponse[] = [];
    const vendor = await serve((response) => held.push(response));
    const health = await freeAddress();
    const settings = settingsFor({
      TRUEDY_BASE_URL: `http://${vendor}/api/public/v1`,
      HEALTH_PORT: portOf(health),
    });
    const worker = await start(settings);
    const { client, close } = await testClient();
    const handle = await client.workflow.start(WORKFLOW_TYPE, {
      taskQueue: settings.TRUEDY_TASK_QUEUE,
      workflowId: `call/${randomUUID()}`,
      args: [inputFor('+14155550101')],
    });
    const request = await until(async () => held[0]);
    process.kill(worker.pid, 'SIGTERM');
    const [, told] = await until(async () => {
      const [status, body] = await probe('/readyz', health);
      return status === 503 && [status, body];
    });
    expect(told).toEqual({
      ready: false,
      because: expect.arrayContaining([
        expect.stringMatching(`worker of ${settings.TRUEDY_API_TASK_QUEUE} is (STOPPING|DRAINING)`),
      ]),
    });
    expect(await probe('/livez', health)).toEqual([200, { live: true }]);
    request.writeHead(201, { 'content-type': 'application/json' });
    request.end('{"id":"call_1","status":"queued","agent_id":"agent_1"}');
    expect(await worker.ended).toEqual([0, null]);
    await handle.terminate();
    await close();
  });
});

describe('a worker whose Temporal becomes unreachable', () => {
  it('reports it on its probe and its metrics page, and is ready again once it is back', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'temporal-truedy-worker-'));
    const temporal = await startDevServer({ attach: false, dbFile: join(folder, 'temporal.db') });
    const [health, metrics] = [await freeAddress(), await freeAddress()];
    const settings = settingsFor({
      TEMPORAL_ADDRESS: temporal.address,
      HEALTH_PORT: portOf(health),
      METRICS_ADDRESS: metrics,
      PING_MS: '200',
    });
    const worker = await start(settings, '../test/faults/support/worker');
    const reachable = async () => (await scrape(metrics)).value('truedy_temporal_reachable');
    const isReady = async () => (await probe('/readyz', health))[0] === 200;
    await until(async () => (await isReady()) && (await reachable()) === 1);

    await temporal.kill('SIGKILL');
    const [, told] = await until(async () => {
      const [status, body] = await probe('/readyz', health);
      return status === 503 && [status, body];
    });
    expect(told).toEqual({
      ready: false,
      because: [expect.stringMatching(/^Temporal has been unreachable for \d+ s$/)],
    });
    await until(async () => (await reachable()) === 0);
    expect(await probe('/livez', health)).toEqual([200, { live: true }]);

    await temporal.restart();
    await until(async () => (await isReady()) && (await reachable()) === 1);

    await temporal.kill('SIGKILL');
    await until(async () => !(await isReady()));
    process.kill(worker.pid, 'SIGTERM');
    expect(await worker.ended).toEqual([0, null]);
    await temporal.stop();
    await rm(folder, { recursive: true });
  }, 90_000);
});
