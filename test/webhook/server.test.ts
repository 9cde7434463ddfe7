import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { testAddress } from '../support/temporal';
import { ended, headersFor, seconds, SECRET } from './support/bridge';
import { NO_TEMPORAL, READY, startBridge } from './support/process';

const folder = mkdtempSync(join(tmpdir(), 'bridge-'));
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

afterAll(() => rmSync(folder, { recursive: true }));

/** A bridge that ends with its test. */
function start(settings: Record<string, string>) {
  const bridge = startBridge(settings);
  children.push(bridge.child);
  return bridge;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('the bridge without Temporal', () => {
  let bridge: ReturnType<typeof start>;
  let url: string;

  beforeEach(async () => {
    bridge = start({ TRUEDY_WEBHOOK_SECRETS: SECRET, WEBHOOK_PORT: '0' });
    url = await bridge.ready();
  });

  it('starts, prints its address, and exits with 0 on SIGTERM', async () => {
    expect(bridge.output.stdout).toMatch(READY);
    bridge.child.kill('SIGTERM');
    expect(await bridge.exit).toBe(0);
    expect(bridge.output.stdout.split('\n')).toHaveLength(2);
  });

  it('is live, but not ready', async () => {
    expect((await fetch(new URL('/livez', url))).status).toBe(200);
    const answer = await fetch(new URL('/readyz', url));
    expect([answer.status, await answer.json()]).toEqual([
      503,
      { ready: false, because: ['Temporal is unreachable'] },
    ]);
  });

  it('answers probes only at HEALTH_PORT if it is set, and names Temporal there', async () => {
    const port = await freePort();
    const other = start({
      TRUEDY_WEBHOOK_SECRETS: SECRET,
      WEBHOOK_PORT: '0',
      HEALTH_PORT: String(port),
    });
    const open = await other.ready();
    for (const path of ['/livez', '/readyz']) {
      expect((await fetch(new URL(path, open))).status).toBe(404);
    }
    expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200);
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
    expect([answer.status, await answer.json()]).toEqual([
      503,
      { ready: false, because: [`Temporal at ${NO_TEMPORAL} is unreachable`] },
    ]);
    other.child.kill('SIGTERM');
    expect(await other.exit).toBe(0);
  });

  it('logs one line without a stack if a sender disconnects while sending its body', async () => {
    const { port } = new URL(url);
    const timestamp = seconds(Date.now());
    const lines = Object.entries(headersFor('{}', { timestamp })).map(([k, v]) => `${k}: ${v}`);
    const head = ['POST /webhooks/truedy HTTP/1.1', 'Host: a', 'Expect: 100-continue', ...lines];
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(`${head.join('\r\n')}\r\nContent-Length: 9\r\n\r\n`);
    // The bridge asks for the body, so it is reading.
    await once(socket, 'data');
    socket.destroy();
    const line = await bridge.logged();
    expect(JSON.parse(line)).toMatchObject({ msg: 'refused', source: '127.0.0.1' });
    bridge.child.kill('SIGTERM');
    expect(await bridge.exit).toBe(0);
    expect(bridge.output.stderr).toBe(`${line}\n`);
  });

  it('logs a hundred refusals per source and minute, and that it omits the rest', async () => {
    for (let sent = 0; sent < 120; sent += 1) {
      const type = sent % 2 ? 'text/plain' : 'application/json';
      const answer = await fetch(url, { method: 'POST', headers: { 'content-type': type } });
      expect(answer.status).toBe(sent % 2 ? 415 : 401);
    }
    bridge.child.kill('SIGTERM');
    await bridge.exit;
    const lines = bridge.output.stderr.trim().split('\n');
    expect(lines.filter((line) => line.includes('"msg":"delivery"'))).toHaveLength(100);
    expect(lines.at(-1)).toContain('counted, not logged');
  });

  it('answers 503 within 5 s, and logs neither number nor secret', async () => {
    const body = ended({ phone_number: '+14155550101', summary: 'private' });
    const headers = headersFor(body, { timestamp: seconds(Date.now()) });
    const answer = await fetch(url, {
      method: 'POST',
      headers,
      body,
      signal: AbortSignal.timeout(5_000),
    });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    bridge.child.kill('SIGTERM');
    await bridge.exit;
    expect(bridge.output.stderr).toContain('temporal_away');
    expect(bridge.output.stderr).not.toMatch(new RegExp(`5550101|private|${SECRET}`));
  });
});

describe('the bridge with Temporal', () => {
  const settings = { TRUEDY_WEBHOOK_SECRETS: SECRET, WEBHOOK_PORT: '0' };

  it('is ready', async () => {
    const bridge = start({ ...settings, TEMPORAL_ADDRESS: testAddress() });
    const answer = await fetch(new URL('/readyz', await bridge.ready()));
    expect([answer.status, await answer.json()]).toEqual([200, { ready: true }]);
  });

  it('is not ready if its namespace does not exist', async () => {
    const bridge = start({
      ...settings,
      TEMPORAL_ADDRESS: testAddress(),
      TEMPORAL_NAMESPACE: 'not-there',
    });
    const answer = await fetch(new URL('/readyz', await bridge.ready()));
    expect([answer.status, await answer.json()]).toEqual([
      503,
      { ready: false, because: ['Temporal rejected the namespace'] },
    ]);
  });
});

describe('with wrong settings the bridge', () => {
  it('exits with 3, names each setting and shows no secret', async () => {
    const { exit, output } = start({ TRUEDY_WEBHOOK_SECRETS: 'too-short', WEBHOOK_PORT: '70000' });
    expect(await exit).toBe(3);
    expect(output.stderr).toMatch(/TRUEDY_WEBHOOK_SECRETS.*WEBHOOK_PORT/);
    expect(output.stderr).not.toContain('too-short');
    expect(output.stdout).toBe('');
  });

  it('exits with 3 if its port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const settings = { TRUEDY_WEBHOOK_SECRETS: SECRET, WEBHOOK_PORT: String(port) };
    const { exit, output } = start(settings);
    expect(await exit).toBe(3);
    expect(output.stderr).toMatch(/WEBHOOK_PORT \d+ cannot be used: EADDRINUSE/);
    other.close();
  });

  it('exits with 3 if the port of its probes is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { exit, output } = start({
      TRUEDY_WEBHOOK_SECRETS: SECRET,
      WEBHOOK_PORT: '0',
      HEALTH_PORT: String(port),
    });
    expect(await exit).toBe(3);
    expect(output.stderr).toMatch(/HEALTH_HOST 127\.0\.0\.1, HEALTH_PORT \d+ cannot be used/);
    other.close();
  });

  it('exits with 3 if the address of its metrics is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = `127.0.0.1:${(other.address() as AddressInfo).port}`;
    const { exit, output } = start({
      TRUEDY_WEBHOOK_SECRETS: SECRET,
      WEBHOOK_PORT: '0',
      METRICS_ADDRESS: address,
    });
    expect(await exit).toBe(3);
    expect(output.stderr).toContain(`METRICS_ADDRESS ${address} cannot be used: EADDRINUSE`);
    other.close();
  });
});

describe('the code of the bridge', () => {
  it('loads nothing of a worker', async () => {
    const server = join(__dirname, '../../src/webhook/server.ts');
    // Without settings it exits as soon as everything is loaded.
    const script = `process.on('exit', () => console.log(JSON.stringify(Object.keys(require.cache))));
      require(${JSON.stringify(server)});`;
    const child = spawn(process.execPath, ['--require', require.resolve('tsx/cjs'), '-e', script], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder },
    });
    const loaded = JSON.parse(await text(child.stdout)) as string[];
    expect(loaded).toContainEqual(expect.stringContaining('prom-client'));
    expect(loaded.filter((file) => /@temporalio.(worker|core-bridge)/.test(file))).toEqual([]);
  });
});
