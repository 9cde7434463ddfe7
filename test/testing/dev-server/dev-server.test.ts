import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { startDevServer, type DevServer } from '../../../src/testing/dev-server/dev-server';
import { missingSearchAttributes } from '../../../src/temporal/search-attributes';
import { testAddress } from '../../support/temporal';

const MODULE = join(__dirname, '../../../src/testing/dev-server/dev-server.ts');

let folder: string;
const servers: DevServer[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'truedy-server-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  await rm(folder, { recursive: true, force: true });
});

async function start(options: Parameters<typeof startDevServer>[0]): Promise<DevServer> {
  const server = await startDevServer(options);
  servers.push(server);
  return server;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it('connects to a named server, and does not stop it', async () => {
  const address = testAddress();
  const server = await start({ env: { TEMPORAL_ADDRESS: address } });
  expect(server).toMatchObject({
    address,
    namespace: 'default',
    origin: 'named by the environment',
  });
  expect(server.pid).toBeUndefined();
  await expect(server.kill('SIGKILL')).rejects.toThrow('not started by us');
});

it('starts no server in place of an unreachable named one', async () => {
  await expect(startDevServer({ env: { TEMPORAL_ADDRESS: '[::1]:1' } })).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringMatching(/^TT1001 .* \[::1\]:1\b/),
  });
});

it('reports the output of a CLI that ends immediately', async () => {
  const dbFile = join(folder, 'absent', 'file.db');
  await expect(startDevServer({ attach: false, dbFile })).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringContaining('no such file or directory'),
  });
});

/** A CLI that records each start and then panics with a long stack. */
async function panickingCli(reason: string): Promise<NodeJS.ProcessEnv> {
  const path = join(folder, 'temporal');
  const script = [
    '#!/bin/sh',
    'case "$1" in --version) echo "temporal version 1.9.1 (Server 1.32.0)"; exit;; esac',
    `echo start >> '${join(folder, 'starts')}'`,
    `echo 'panic: ${reason}' >&2`,
    'for _ in 1 2 3 4 5 6 7 8 9; do printf "%1000s\\n" stack >&2; done',
    'exit 2',
  ];
  await writeFile(path, script.join('\n'), { mode: 0o755 });
  return { TEMPORAL_CLI_PATH: path };
}

it.each([
  ['once where a CLI panics', 'no luck', 1],
  ['on other ports where one is busy', 'bind: address already in use', 5],
])('starts %s, and reports the reason without the stack', async (_, reason, starts) => {
  const env = await panickingCli(reason);
  await expect(startDevServer({ attach: false, env })).rejects.toMatchObject({
    exitCode: 4,
    message: `${env['TEMPORAL_CLI_PATH']} ended before it served: panic: ${reason}`,
  });
  const noted = await readFile(join(folder, 'starts'), 'utf8');
  expect(noted).toBe('start\n'.repeat(starts));
});

it('serves on its own ports with our search attributes, and reports its origin', async () => {
  const [one, other] = await Promise.all([
    start({ attach: false, ui: true }),
    start({ attach: false }),
  ]);
  expect(one.address).not.toBe(other.address);
  expect(one.origin).toMatch(/^started from .+ \(Server \d+\.\d+\.\d+.*\)$/);
  expect(other.uiAddress).toBeUndefined();
  const page = await fetch(String(one.uiAddress));
  expect(page.status).toBe(200);
  const connection = await Connection.connect({ address: one.address });
  await expect(missingSearchAttributes(connection, one.namespace)).resolves.toEqual([]);
  await connection.close();
});

it.each(['SIGKILL', 'SIGTERM'] as const)(
  'keeps a started workflow over %s and a restart on its file',
  async (signal) => {
    const server = await start({ attach: false, dbFile: join(folder, 'file.db') });
    const before = server.pid;
    const connection = await Connection.connect({ address: server.address });
    const { workflow } = new Client({ connection });
    const workflowId = `kept-${randomUUID()}`;
    const { firstExecutionRunId } = await workflow.start('nobodyRunsThis', {
      workflowId,
      taskQueue: 'no-worker',
    });
    await server.kill(signal);
    expect(isAlive(Number(before))).toBe(false);
    await server.restart();
    expect(server.pid).not.toBe(before);
    // A new client: this test is not about how fast the old one reconnects.
    const again = await Connection.connect({ address: server.address });
    const description = await new Client({ connection: again }).workflow
      .getHandle(workflowId)
      .describe();
    expect(description).toMatchObject({
      runId: firstExecutionRunId,
      status: { name: 'RUNNING' },
    });
    await connection.close();
    await again.close();
  },
);

it('restarts a server that still runs, and stops more than once', async () => {
  const server = await start({ attach: false, dbFile: join(folder, 'file.db') });
  const before = Number(server.pid);
  await server.restart();
  expect(isAlive(before)).toBe(false);
  const after = Number(server.pid);
  expect(isAlive(after)).toBe(true);
  await Promise.all([server.stop(), server.stop()]);
  expect(isAlive(after)).toBe(false);
});

/** Runs a program that starts a server, prints its process id, and then runs the given code. */
async function programWithServer(then: string) {
  const code =
    `require(${JSON.stringify(MODULE)}).startDevServer({ attach: false })` +
    `.then((server) => { console.log(server.pid); ${then} });`;
  const child = spawn(process.execPath, ['--import', require.resolve('tsx'), '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [line] = await once(createInterface(child.stdout), 'line');
  return { child, ended, serverPid: Number(line) };
}

async function untilGone(pid: number): Promise<void> {
  for (const endMs = Date.now() + 5_000; isAlive(pid) && Date.now() < endMs;) await sleep(50);
  expect(isAlive(pid)).toBe(false);
}

it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
  'ends with a program that %s ends',
  async (signal) => {
    const { child, ended, serverPid } = await programWithServer('setInterval(() => {}, 1000);');
    expect(isAlive(serverPid)).toBe(true);
    child.kill(signal);
    await ended;
    await untilGone(serverPid);
  },
);

it('does not keep a finished program alive', async () => {
  const { ended, serverPid } = await programWithServer('');
  await expect(ended).resolves.toEqual([0, null]);
  await untilGone(serverPid);
});
