import { connect, type Socket } from 'node:net';
import { testAddress } from '../support/temporal';
import { ended, SECRET } from './support/bridge';
import { startBridge } from './support/process';
import { answerOn, claim, open, request, statusesIn } from './support/wire';

/** Far less memory than any of these attacks used before there were limits. */
const HEAP_MIB = 96;
const DELIVERIES = 20;

const sockets: Socket[] = [];
let bridge: ReturnType<typeof startBridge>;
let port: number;

beforeAll(async () => {
  bridge = startBridge(
    { TRUEDY_WEBHOOK_SECRETS: SECRET, WEBHOOK_PORT: '0', TEMPORAL_ADDRESS: testAddress() },
    [`--max-old-space-size=${HEAP_MIB}`],
  );
  port = Number(new URL(await bridge.ready()).port);
});

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

afterAll(() => bridge.child.kill('SIGKILL'));

/** Opens a connection that sends these bytes and stays open. */
function send(...bytes: (string | Uint8Array)[]): void {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined).resume();
  for (const part of bytes) socket.write(part);
}

const TINY_CHUNKS = '1\r\na\r\n'.repeat(4_000);
const ALMOST_ALL = Buffer.alloc(1024 * 1024 - 1, 'a');
const UNSIGNED =
  'POST /webhooks/truedy HTTP/1.1\r\nHost: b\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n';

describe('a bridge with little memory answers genuine deliveries', () => {
  it.each([
    [
      '20,000 probes at a time',
      1,
      () => send('GET /readyz HTTP/1.1\r\nHost: b\r\n\r\n'.repeat(20_000)),
    ],
    ['20,000 unsigned requests at a time', 1, () => send(UNSIGNED.repeat(20_000))],
    [
      'endless bodies in chunks of a byte',
      8,
      () => send(claim('Transfer-Encoding: chunked'), TINY_CHUNKS.repeat(100)),
    ],
    [
      'short bodies in chunks of a byte, kept open',
      300,
      () => send(claim('Transfer-Encoding: chunked'), TINY_CHUNKS),
    ],
    [
      'bodies of 1 MiB that never end',
      60,
      () => send(claim('Content-Length: 1048576'), ALMOST_ALL),
    ],
    ['silent connections', 520, () => send()],
  ])('during %s', async (_, times, attack) => {
    for (let sent = 0; sent < times; sent += 1) attack();
    const statuses: (number | undefined)[] = [];
    for (let sent = 0; sent < DELIVERIES; sent += 1) {
      const socket = await open(port);
      socket.write(request({ body: ended({ n: sent }) }));
      statuses.push(statusesIn(await answerOn(socket))[0]);
    }
    const answered = statuses.filter((status) => status === 204).length;
    expect(answered / DELIVERIES).toBeGreaterThanOrEqual(0.85);
    expect(bridge.child.exitCode).toBeNull();
  });
});
