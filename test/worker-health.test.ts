import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { until } from './support/rig';
import { testAddress } from './support/temporal';

const ARGS = ['--import', require.resolve('tsx'), join(__dirname, '../src/worker.ts')];

let child: ChildProcess | undefined;
afterEach(() => child?.kill('SIGKILL'));

function start(settings: Readonly<Record<string, string>>) {
  const taskQueue = `health-${randomUUID()}`;
  const worker = spawn(process.execPath, ARGS, {
    cwd: tmpdir(),
    env: {
      PATH: process.env['PATH'],
      TSX_TSCONFIG_PATH: join(__dirname, '../tsconfig.json'),
      TEMPORAL_ADDRESS: testAddress(),
      TRUEDY_API_KEY: 'truedy_testkey_0123456789',
      LOG_LEVEL: 'error',
      TRUEDY_TASK_QUEUE: taskQueue,
      TRUEDY_API_TASK_QUEUE: `${taskQueue}-api`,
      ...settings,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child = worker;
  return Promise.all([once(worker, 'exit'), text(worker.stderr)]).then(([[exit], stderr]) => ({
    exit: exit as number | null,
    stderr,
  }));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

it('is told on HEALTH_PORT, on this machine alone where nothing else is said', async () => {
  const port = await freePort();
  const ended = start({ HEALTH_PORT: String(port) });
  const ask = (path: string) =>
    fetch(`http://127.0.0.1:${port}${path}`).then(
      async (answer) => [answer.status, await answer.json()],
      () => undefined,
    );
  const isReady = until(async () => (await ask('/readyz'))?.[0] === 200);
  await Promise.race([isReady, ended]);
  expect(await ask('/readyz')).toEqual([200, { ready: true }]);
  expect(await ask('/livez')).toEqual([200, { live: true }]);
});

it('is told at HEALTH_HOST, and the worker ends with 3 where that is not to be had', async () => {
  // Of a range that is kept for documentation: no machine has it.
  const { exit, stderr } = await start({ HEALTH_HOST: '192.0.2.1', HEALTH_PORT: '0' });
  expect(exit).toBe(3);
  expect(stderr).toBe(
    'TT2001  1 setting is wrong: HEALTH_HOST 192.0.2.1, HEALTH_PORT 0 cannot be used: EADDRNOTAVAIL\n',
  );
});
