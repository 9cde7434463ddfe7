import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { close, listen } from '../../src/runtime/http-server';
import type { HttpRefusal } from '../../src/runtime/http-refusal';
import { until } from '../support/until';
import { bridge, type BridgeOptions } from './support/bridge';
import { answerOn, claim, open, request, statusesIn } from './support/wire';

const MIB = 1024 * 1024;

const sockets: Socket[] = [];
let server: Server | undefined;

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  if (server !== undefined) await close(server, 0);
  server = undefined;
});

/** The bridge behind a real socket. */
async function serve(options: BridgeOptions = {}) {
  const refusals: HttpRefusal[] = [];
  const onRefused = (refusal: HttpRefusal) => refusals.push(refusal);
  const rig = bridge({ now: Date.now, onRefused, ...options });
  const bound = await listen(rig.app, { host: '127.0.0.1', port: 0, onRefused });
  server = bound.server;
  const connect = async () => {
    const socket = await open(bound.port);
    sockets.push(socket);
    return socket;
  };
  const deliver = async () => {
    const socket = await connect();
    socket.write(request());
    return statusesIn(await answerOn(socket));
  };
  return { ...rig, refusals, connect, deliver };
}

/** An unfinished body in chunks of one byte each. */
function tinyChunks(count: number): string {
  return '1\r\na\r\n'.repeat(count);
}

describe('pipelined requests', () => {
  it('are limited to eight per connection, which is then closed', async () => {
    let asked = 0;
    const { connect, refusals } = await serve({
      health: {
        isLive: () => true,
        because: () => {
          asked += 1;
          return new Promise(() => undefined);
        },
      },
    });
    const socket = await connect();
    const closed = answerOn(socket);
    socket.write('GET /readyz HTTP/1.1\r\nHost: bridge\r\n\r\n'.repeat(2_000));
    expect(await closed).toBe('');
    expect(asked).toBe(1);
    expect(refusals.filter(({ reason }) => reason === 'pipelined')).toHaveLength(1);
  });

  it('of a genuine sender are answered if they are few', async () => {
    const { connect, signals } = await serve();
    const socket = await connect();
    const answer = answerOn(socket);
    socket.write(request().replace('Connection: close\r\n', '').repeat(7) + request());
    expect(statusesIn(await answer)).toEqual(Array.from({ length: 8 }, () => 204));
    expect(signals).toHaveLength(8);
  });

  it('are rejected without a delay, however many preceded', async () => {
    const { connect, received } = await serve();
    for (let sent = 0; sent < 120; sent += 1) {
      const socket = await connect();
      socket.write(claim('Content-Length: 0'));
      expect(statusesIn(await answerOn(socket))).toEqual([401]);
    }
    expect(received).toHaveLength(120);
  });
});

describe('a body in tiny chunks', () => {
  it('is answered 413 beyond sixteen thousand chunks', async () => {
    const { connect } = await serve();
    const socket = await connect();
    const answer = answerOn(socket);
    socket.write(claim('Transfer-Encoding: chunked'));
    socket.write(tinyChunks(100_000));
    expect(statusesIn(await answer)).toEqual([413]);
  });

  it('is accepted if it is short', async () => {
    const { connect, signals } = await serve();
    const socket = await connect();
    const [head = '', body = ''] = request({ length: ['Transfer-Encoding: chunked'] }).split(
      '\r\n\r\n',
    );
    const chunks = body
      .split('')
      .map((byte) => `1\r\n${byte}\r\n`)
      .join('');
    socket.write(`${head}\r\n\r\n${chunks}0\r\n\r\n`);
    expect(statusesIn(await answerOn(socket))).toEqual([204]);
    expect(signals).toHaveLength(1);
  });
});

describe('bodies that are never finished', () => {
  it('are evicted for a genuine delivery', async () => {
    const { connect, deliver, received } = await serve({ maxUnverifiedBytes: 3 * MIB });
    const closed = [];
    for (let opened = 0; opened < 10; opened += 1) {
      const socket = await connect();
      closed.push(answerOn(socket));
      socket.write(claim(`Content-Length: ${MIB}`));
      socket.write(Buffer.alloc(MIB - 1, 'a'));
    }
    const evicted = () => received.filter(({ fate }) => fate === 'overloaded').length;
    // The capacity is enough for three of them, in whatever order they grow.
    await until(async () => evicted() === 7);
    expect(await deliver()).toEqual([204]);
    expect(evicted()).toBeLessThanOrEqual(8);
    expect(received.at(-1)).toMatchObject({ fate: 'taken' });
  });
});

describe('silent connections', () => {
  it('do not block a genuine delivery', async () => {
    const { connect, deliver } = await serve();
    for (let opened = 0; opened < 600; opened += 1) await connect();
    expect(await deliver()).toEqual([204]);
  });
});
