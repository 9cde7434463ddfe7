import { once } from 'node:events';
import type { Server } from 'node:http';
import { close, listen } from '../../src/runtime/http-server';
import { shouldSendContinue } from '../../src/webhook/expect-continue';
import type { HttpRefusal } from '../../src/runtime/http-refusal';
import { bridge, ended } from '../webhook/support/bridge';
import { answerOn, genuine, open, request, statusesIn } from '../webhook/support/wire';

const MIB = 1024 * 1024;
const BODY = ended();

let rig: ReturnType<typeof bridge>;
let server: Server;
let port: number;
let refusals: HttpRefusal[];

beforeEach(async () => {
  refusals = [];
  const onRefused = (refusal: HttpRefusal) => refusals.push(refusal);
  rig = bridge({ now: Date.now, onRefused });
  ({ server, port } = await listen(rig.app, {
    host: '127.0.0.1',
    port: 0,
    onRefused,
    shouldSendContinue,
  }));
});

afterEach(async () => {
  await close(server, 0);
});

/** Sends bytes on a new connection and returns everything received until it closes. */
async function exchange(...parts: (string | Uint8Array)[]): Promise<string> {
  const socket = await open(port);
  for (const part of parts) socket.write(part);
  return answerOn(socket);
}

const SIGNATURE = 'x-truedy-signature';

function chunked(body: string): string {
  return `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`;
}

describe('over a socket', () => {
  it('a genuine delivery is answered 204', async () => {
    expect(statusesIn(await exchange(request()))).toEqual([204]);
    expect(rig.signals).toHaveLength(1);
  });

  it('a genuine delivery in chunks is answered 204', async () => {
    const head = request({ length: ['Transfer-Encoding: chunked'], body: '' });
    const signed = head.replace(/(x-truedy-signature: )\w+/, `$1${genuine(BODY)[SIGNATURE]}`);
    expect(statusesIn(await exchange(signed, chunked(BODY)))).toEqual([204]);
    expect(rig.signals).toHaveLength(1);
  });

  const raw = (line: string, ...lines: string[]) => `${[line, ...lines].join('\r\n')}\r\n\r\n`;
  const POST = 'POST /webhooks/truedy HTTP/1.1';

  it.each([
    ['400', 'length before encoding', ['Content-Length: 3', 'Transfer-Encoding: chunked']],
    ['400', 'encoding before length', ['Transfer-Encoding: chunked', 'Content-Length: 3']],
    ['400', 'two lengths that differ', ['Content-Length: 2', 'Content-Length: 3']],
    ['400', 'two equal lengths', ['Content-Length: 2', 'Content-Length: 2']],
    ['400', 'a list of lengths', ['Content-Length: 2, 2']],
    ['400', 'a length with a plus', ['Content-Length: +2']],
    ['400', 'a length in hex', ['Content-Length: 0x2']],
    ['400', 'a length below 0', ['Content-Length: -2']],
    ['400', 'a length of 23 digits', [`Content-Length: ${'9'.repeat(23)}`]],
    ['400', 'an unknown encoding', ['Transfer-Encoding: xchunked']],
    ['400', 'chunked beside identity', ['Transfer-Encoding: chunked, identity']],
    ['400', 'chunked twice', ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked']],
  ])('%s for %s', async (status, _, length) => {
    expect(statusesIn(await exchange(request({ length })))).toEqual([Number(status)]);
    expect(rig.signals).toEqual([]);
  });

  // With complete chunks, because Node alone would accept it.
  it('400 for gzip in chunks', async () => {
    const lines = ['Host: bridge', 'Connection: close', 'Transfer-Encoding: gzip, chunked'];
    const named = Object.entries(genuine(BODY)).map(([name, value]) => `${name}: ${value}`);
    expect(statusesIn(await exchange(raw(POST, ...lines, ...named) + chunked(BODY)))).toEqual([
      400,
    ]);
    expect(rig.signals).toEqual([]);
  });

  it.each([
    [400, 'a space before the colon', raw(POST, 'Host : bridge')],
    [400, 'a folded header', raw(POST, 'Host: bridge', 'x-truedy-signature: ab', ' cd')],
    [400, 'a bare CR', raw(POST, 'Host: bridge', 'x-a: b\rc')],
    [400, 'lines that end in LF alone', `${POST}\nHost: bridge\n\n`],
    [400, 'NUL in a header', raw(POST, 'Host: bridge', 'x-a: b\0c')],
    [431, 'headers over 16 kB', raw(POST, 'Host: bridge', `x-a: ${'a'.repeat(17_000)}`)],
    [431, 'a path of 20 kB', raw(`POST /${'a'.repeat(20_000)} HTTP/1.1`, 'Host: bridge')],
    [400, 'no host', raw(POST)],
    [400, 'HTTP/2.0', raw('POST /webhooks/truedy HTTP/2.0', 'Host: bridge')],
    [400, 'HTTP/0.9', raw('POST /webhooks/truedy HTTP/0.9', 'Host: bridge')],
    [
      400,
      'chunks under HTTP/1.0',
      `${raw('POST /webhooks/truedy HTTP/1.0', 'Host: bridge', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
    ],
    [400, 'two hosts', raw(POST, 'Host: bridge', 'Host: bridge')],
    [400, 'a host that is a path', raw(POST, 'Host: bridge/readyz?')],
    [400, 'a host with a user', raw(POST, 'Host: a@bridge')],
    [400, 'a host with a port over 65535', raw(POST, 'Host: bridge:99999')],
    [400, 'a host with a backslash', raw(POST, 'Host: bridge\\readyz')],
    [400, 'a host of Latin-1', Buffer.from(raw(POST, 'Host: \xdf/readyz?'), 'latin1')],
    [400, 'half an IPv6 address', raw(POST, 'Host: [::1')],
    [400, 'the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    [400, 'TLS', Buffer.from('16030100c8010000c40303', 'hex')],
    [400, 'a method in lower case', raw('post /webhooks/truedy HTTP/1.1', 'Host: bridge')],
    [
      400,
      'a chunk without a size',
      `${raw(POST, 'Host: bridge', 'Transfer-Encoding: chunked')}zz\r\n`,
    ],
    [
      417,
      'an unknown expectation',
      raw(POST, 'Host: bridge', 'Connection: close', 'Expect: 200-maybe'),
    ],
  ])('%i for %s, which is reported', async (status, _, bytes) => {
    expect(statusesIn(await exchange(bytes))).toEqual([status]);
    expect(refusals).toEqual([expect.objectContaining({ status, source: '127.0.0.1' })]);
  });

  it('closes on CONNECT', async () => {
    const bytes = 'CONNECT bridge:80 HTTP/1.1\r\nHost: bridge\r\n\r\n';
    expect(await exchange(bytes)).toBe('');
    expect(refusals).toEqual([{ reason: 'method', detail: 'CONNECT', source: '127.0.0.1' }]);
  });

  // Exactly what nginx 1.22 sends with only `proxy_pass`: it moves the host and drops `Connection`.
  it('a genuine delivery behind nginx with its defaults is answered 204', async () => {
    const named = Object.entries(genuine(BODY)).map(([name, value]) => `${name}: ${value}`);
    const lines = [
      'POST /webhooks/truedy HTTP/1.0',
      `Host: 127.0.0.1:${port}`,
      'Connection: close',
      `Content-Length: ${Buffer.byteLength(BODY)}`,
      'User-Agent: Truedy-Webhooks/1.0',
      'Accept: */*',
      ...named,
    ];
    expect(statusesIn(await exchange(`${lines.join('\r\n')}\r\n\r\n${BODY}`))).toEqual([204]);
    expect(rig.signals).toHaveLength(1);
    expect(refusals).toEqual([]);
  });

  it.each(['h2c', 'websocket', 'TLS/1.2'])(
    'a genuine delivery that offers %s is answered 204 by HTTP/1.1',
    async (protocol) => {
      const offer = [`Upgrade: ${protocol}`, 'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA'];
      const whole = request({ lines: offer }).replace(
        'Connection: close',
        'Connection: close, Upgrade, HTTP2-Settings',
      );
      expect(statusesIn(await exchange(whole))).toEqual([204]);
      expect(rig.signals).toHaveLength(1);
    },
  );

  it.each(['bridge:8787', 'a_b.example', '[::1]:80', '127.0.0.1', 'bridge.example.'])(
    'a genuine delivery to the host %s is answered 204',
    async (host) => {
      expect(statusesIn(await exchange(request({ host: `Host: ${host}` })))).toEqual([204]);
    },
  );

  it('a crafted host does not reach another path', async () => {
    const line = 'GET /webhooks/truedy HTTP/1.1';
    const answer = await exchange(`${line}\r\nHost: x/readyz?\r\nConnection: close\r\n\r\n`);
    expect(statusesIn(answer)).toEqual([400]);
  });

  it('keeps the connection of an accepted sender for the configured time', async () => {
    const other = await listen(rig.app, { host: '127.0.0.1', port: 0, keepAliveMs: 75_000 });
    const socket = await open(other.port);
    socket.write(request().replace('Connection: close\r\n', ''));
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    expect(bytes.toString()).toMatch(/^Keep-Alive: timeout=75\r$/m);
    socket.destroy();
    await close(other.server);
  });

  it('closes the connection of a rejected sender', async () => {
    const kept = request({ signature: '0'.repeat(64) }).replace('Connection: close\r\n', '');
    expect(statusesIn(await exchange(kept))).toEqual([401]);
  });

  it.each([
    'http://evil/webhooks/truedy',
    '//webhooks/truedy',
    '/webhooks/../webhooks/truedy',
    '/webhooks/%2e%2e/webhooks/truedy',
    '/webhooks/truedy/',
    '/webhooks/truedy?a=b',
    '/webhooks/truedy?',
    '/webhooks/%74ruedy',
    '/WEBHOOKS/truedy',
  ])('404 at %s, genuine or not', async (target) => {
    expect(statusesIn(await exchange(request({ line: `POST ${target} HTTP/1.1` })))).toEqual([404]);
    expect(rig.signals).toEqual([]);
    expect(refusals).toMatchObject([{ reason: 'not_found', status: 404 }]);
  });

  it.each(['GET', 'HEAD', 'PUT', 'TRACE', 'OPTIONS'])('405 and Allow to %s', async (method) => {
    const line = `${method} /webhooks/truedy HTTP/1.1`;
    const answer = await exchange(`${line}\r\nHost: bridge\r\nConnection: close\r\n\r\n`);
    expect(statusesIn(answer)).toEqual([405]);
    expect(answer).toMatch(/^allow: POST\r$/im);
    expect(refusals).toMatchObject([{ reason: 'method', status: 405 }]);
  });

  it('finds a signature after 200 other headers', async () => {
    const lines = Array.from({ length: 200 }, (_, index) => `x-${index}: a`);
    const whole = request({ lines });
    const [signature = ''] = /x-truedy-signature: \w+\r\n/.exec(whole) ?? [];
    const last = whole.replace(signature, '').replace('\r\n\r\n', `\r\n${signature}\r\n`);
    expect(statusesIn(await exchange(last))).toEqual([204]);
  });

  it('401 for a good signature sent with a bad one', async () => {
    const lines = [`${SIGNATURE}: ${'0'.repeat(64)}`];
    expect(statusesIn(await exchange(request({ lines })))).toEqual([401]);
  });

  it('401 for a signature in a trailer', async () => {
    const lines = ['Host: bridge', 'Connection: close', 'Transfer-Encoding: chunked'];
    const { [SIGNATURE]: signature, ...others } = genuine(BODY);
    const named = Object.entries(others).map(([name, value]) => `${name}: ${value}`);
    const end = `0\r\n${SIGNATURE}: ${signature}\r\n\r\n`;
    const whole = raw(POST, ...lines, ...named) + chunked(BODY).replace('0\r\n\r\n', end);
    expect(statusesIn(await exchange(whole))).toEqual([401]);
  });

  it('asks for the body if the claim could be valid', async () => {
    const [head = '', body = ''] = request({ lines: ['Expect: 100-continue'] }).split('\r\n\r\n');
    const socket = await open(port);
    const answer = answerOn(socket);
    socket.write(`${head}\r\n\r\n`);
    await once(socket, 'data');
    socket.write(body);
    expect(statusesIn(await answer)).toEqual([100, 204]);
  });

  it('does not ask for the body without a claim', async () => {
    const lines = ['Host: bridge', 'Content-Type: application/json', 'Content-Length: 9'];
    const whole = raw(POST, ...lines, 'Connection: close', 'Expect: 100-continue');
    expect(statusesIn(await exchange(whole))).toEqual([401]);
  });

  it('413 for a declared length over 1 MiB, before a byte of it is sent', async () => {
    const length = [`Content-Length: ${MIB + 1}`];
    expect(statusesIn(await exchange(request({ length, body: '' })))).toEqual([413]);
  });

  it('413 and a closed connection if chunks exceed 1 MiB', async () => {
    const head = request({ length: ['Transfer-Encoding: chunked'], body: '' });
    const chunk = `${(MIB + 1).toString(16)}\r\n${'a'.repeat(MIB + 1)}\r\n`;
    const answer = await exchange(head.replace('Connection: close\r\n', ''), chunk);
    expect(statusesIn(answer)).toEqual([413]);
  });

  it('checks two requests on one connection separately', async () => {
    const first = request().replace('Connection: close\r\n', '');
    const second = request({ signature: '0'.repeat(64) });
    expect(statusesIn(await exchange(first, second))).toEqual([204, 401]);
    expect(rig.signals).toHaveLength(1);
  });
});

describe('a sender that never finishes', () => {
  it('is answered 408, in its headers and in its body', async () => {
    const headers = exchange('POST /webhooks/truedy HTTP/1.1\r\nHost: bridge\r\n');
    const body = exchange(request({ length: ['Content-Length: 5000'], body: 'ab' }));
    expect(statusesIn(await headers)).toEqual([408]);
    expect(statusesIn(await body)).toEqual([408]);
    expect(refusals).toMatchObject([{ reason: 'timeout' }, { reason: 'timeout' }]);
  });

  it.each([
    ['sent nothing', ''],
    ['has sent part of its headers', 'POST /webhooks/truedy HTTP/1.1\r\nHost: bridge\r\n'],
    ['has sent part of its body', request({ length: ['Content-Length: 5000'], body: 'ab' })],
  ])('does not delay a stop: it %s', async (_, bytes) => {
    const socket = await open(port);
    const ended = answerOn(socket);
    socket.write(bytes);
    await close(server, 50);
    await ended;
    expect(server.listening).toBe(false);
    ({ server, port } = await listen(rig.app, { host: '127.0.0.1', port: 0, shouldSendContinue }));
  });
});

describe('a stop', () => {
  it('waits for a delivery in progress', async () => {
    let asked = () => {};
    let take = () => {};
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const slow = bridge({
      now: Date.now,
      signal: () => {
        asked();
        return new Promise((resolve) => (take = () => resolve('taken')));
      },
    });
    const busy = await listen(slow.app, { host: '127.0.0.1', port: 0 });
    port = busy.port;
    const answer = exchange(request());
    await isAsked;
    const closed = close(busy.server);
    take();
    expect(statusesIn(await answer)).toEqual([204]);
    await closed;
  });
});
