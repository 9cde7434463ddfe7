import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import { createTruedyClient, type Answered } from '../../src/truedy/client';
import {
  TruedyContractError,
  TruedyNetworkError,
  TruedyResponseError,
} from '../../src/truedy/errors';
import { fixture } from '../fixtures';
import { until } from '../support/until';
import {
  closedPort,
  closeServers,
  serveConnections,
  serveHttp,
  serveRaw,
  serveSelfSigned,
  serveSilent,
  type LocalServer,
} from './support/local-server';
import {
  NOW,
  REQUEST,
  CALL,
  unhindered,
  inTime,
  clientOf,
  failedPost,
  serveBytes,
  http,
} from './support/client';

afterEach(closeServers);

describe('placeCall', () => {
  it.each([200, 201, 202])('is placed by %d with an id', async (status) => {
    const { port } = await http(status, CALL);
    expect(await clientOf(port).placeCall(REQUEST, 5_000, unhindered, inTime)).toMatchObject({
      callId: 'call_01hx9k2v7m3n4p5q6r7s8t9u0v',
      reference: 'default/call/crm-1#1',
    });
  });

  it('sends exactly these bytes', async () => {
    let sent = '';
    const { port } = await serveRaw((socket, request) => {
      sent = request;
      socket.end(
        `HTTP/1.1 201 Created\r\ncontent-length: ${Buffer.byteLength(CALL)}\r\n\r\n${CALL}`,
      );
    });
    await clientOf(port).placeCall(REQUEST, 5_000, unhindered, inTime);
    expect(sent.split('\r\n')).toEqual([
      'POST /api/public/v1/calls HTTP/1.1',
      `host: 127.0.0.1:${port}`,
      'connection: close',
      'accept: application/json',
      'accept-encoding: identity',
      'content-type: application/json',
      'user-agent: temporal-truedy',
      'x-idempotency-key: 0123456789abcdef0123456789abcdef',
      'authorization: Bearer truedy_test',
      `content-length: ${Buffer.byteLength(REQUEST.body)}`,
      '',
      REQUEST.body,
    ]);
  });

  it('opens a new connection for every request', async () => {
    const server = await http(201, CALL);
    const client = clientOf(server.port);
    await client.placeCall(REQUEST, 5_000, unhindered, inTime);
    await client.placeCall(REQUEST, 5_000, unhindered, inTime);
    expect(server.connections()).toBe(2);
  });

  it.each([
    400, 401, 402, 403, 404, 408, 409, 413, 422, 425, 429, 499, 500, 502, 503, 504, 520, 599, 999,
  ])('reports a %d', async (status) => {
    const server = await http(status, JSON.stringify(fixture('error-e2')));
    const error = await failedPost(server.port);
    expect(error).toBeInstanceOf(TruedyResponseError);
    expect(error).toMatchObject({ status, code: 'payment_required', requestId: 'req_e2' });
    expect(server.connections()).toBe(1);
  });

  it('reports when a 429 allows the next request', async () => {
    const { port } = await http(429, '', { 'retry-after': '5' });
    expect(await failedPost(port)).toMatchObject({ status: 429, retryAtMs: NOW + 5_000 });
  });

  it.each([301, 302, 303, 307, 308])('never follows a %d', async (status) => {
    const target = await http(201, CALL);
    const server = await http(status, '', { location: `http://127.0.0.1:${target.port}/calls` });
    expect(await failedPost(server.port)).toMatchObject({ status });
    expect(target.connections()).toBe(0);
  });

  it.each([
    ['nothing', 204, ''],
    ['an empty body', 200, ''],
    ['HTML', 200, fixture('error-e6')],
    ['a list', 200, '[]'],
    ['a list in the envelope', 200, '{"data":[]}'],
    ['no id', 201, '{"data":{"status":"queued"}}'],
    ['a number for an id', 201, '{"id":7}'],
    ['an id of 200 characters', 201, JSON.stringify({ id: 'x'.repeat(200) })],
    ['an id that leads elsewhere', 201, '{"id":"../1"}'],
    ['truncated JSON', 201, CALL.slice(0, -1)],
    ['two documents', 201, `${CALL}${CALL}`],
    ['bytes that are no UTF-8', 201, Buffer.from([0x22, 0xc3, 0x28, 0x22])],
  ])('rejects a 2xx with %s as a contract error', async (_, status, body) => {
    const { port } = await http(status, body);
    expect(await failedPost(port)).toBeInstanceOf(TruedyContractError);
  });

  it('rejects a 2xx with an encoding that was not requested as a contract error', async () => {
    const { port } = await http(201, CALL, { 'content-encoding': 'gzip' });
    expect(await failedPost(port)).toBeInstanceOf(TruedyContractError);
  });

  it('reports the path of a wrong format, but not the value', async () => {
    const { port } = await http(201, '{"id":7,"phone_number":"+14155550101"}');
    const { message } = await failedPost(port);
    expect(message).toMatch(/^POST \/calls answered 2xx with an unexpected format at /);
    expect(message).not.toContain('4155550101');
  });

  describe('calls beforeSend before the first byte', () => {
    it('once the connection is established, and sends after a yes', async () => {
      const order: string[] = [];
      const server = await serveHttp((_, response) => {
        order.push('request');
        response.writeHead(201).end(CALL);
      });
      const question = async () => {
        await until(async () => server.connections() === 1);
        order.push('question');
        return true;
      };
      const clocks = () => {
        order.push('clocks');
        return true;
      };
      await clientOf(server.port).placeCall(REQUEST, 5_000, question, clocks);
      expect(order).toEqual(['question', 'clocks', 'request']);
    });

    it.each<[string, () => Promise<boolean>]>([
      ['after a no', async () => false],
      ['if the check fails', () => Promise.reject(new Error('unavailable'))],
      [
        'if the check throws',
        () => {
          throw new Error('a bug');
        },
      ],
    ])('sends no byte %s, and counts no request', async (_, beforeSend) => {
      const told: Answered[] = [];
      let bytes = 0;
      const { port } = await serveConnections((socket) => {
        socket.on('data', (chunk) => (bytes += chunk.length));
      });
      const client = clientOf(port, 'http', (one) => told.push(one));
      await expect(client.placeCall(REQUEST, 5_000, beforeSend, inTime)).rejects.toMatchObject({
        name: 'TruedyNotSentError',
        message: 'POST /calls was canceled before it was sent',
      });
      expect([bytes, told]).toEqual([0, []]);
    });

    it.each<[string, () => boolean]>([
      ['is too late', () => false],
      [
        'is not known to be in time',
        () => {
          throw new Error('a bug');
        },
      ],
    ])('sends no byte that %s, and counts no request', async (_, isInTime) => {
      const told: Answered[] = [];
      let bytes = 0;
      const { port } = await serveConnections((socket) => {
        socket.on('data', (chunk) => (bytes += chunk.length));
      });
      const client = clientOf(port, 'http', (one) => told.push(one));
      await expect(client.placeCall(REQUEST, 5_000, unhindered, isInTime)).rejects.toMatchObject({
        name: 'TruedyNotSentError',
        message: 'POST /calls was late and was not sent',
      });
      expect([bytes, told]).toEqual([0, []]);
    });

    it('proves that no byte was sent when the server closes the connection meanwhile', async () => {
      const { port } = await serveConnections((socket) => socket.resetAndDestroy());
      const isSlow = async () => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        return true;
      };
      await expect(clientOf(port).placeCall(REQUEST, 5_000, isSlow, inTime)).rejects.toMatchObject({
        name: 'TruedyNetworkError',
        mayBeSent: false,
      });
    });

    it('proves that no byte was sent when the limit ends during beforeSend', async () => {
      let answer: (yes: boolean) => void = () => undefined;
      const open = new Promise<boolean>((resolve) => (answer = resolve));
      let bytes = 0;
      const { port } = await serveConnections((socket) => {
        socket.on('data', (chunk) => (bytes += chunk.length));
      });
      await expect(clientOf(port).placeCall(REQUEST, 50, () => open, inTime)).rejects.toMatchObject(
        {
          name: 'TruedyNetworkError',
          mayBeSent: false,
        },
      );
      answer(true);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(bytes).toBe(0);
    });
  });

  describe('proves that no byte was sent', () => {
    it('when the connection is refused', async () => {
      expect(await failedPost(await closedPort())).toMatchObject({
        name: 'TruedyNetworkError',
        mayBeSent: false,
        message: 'POST /calls failed (ECONNREFUSED)',
      });
    });

    it('when the host name is unknown', async () => {
      const client = createTruedyClient({
        baseUrl: 'http://truedy.invalid',
        apiKey: 'truedy_test',
      });
      await expect(client.placeCall(REQUEST, 5_000, unhindered, inTime)).rejects.toMatchObject({
        name: 'TruedyNetworkError',
        mayBeSent: false,
      });
    });

    it('when the certificate is not trusted, and does not send the API key', async () => {
      let requests = 0;
      const { port } = await serveSelfSigned((_, response) => {
        requests += 1;
        response.writeHead(201).end(CALL);
      });
      expect(await failedPost(port, 5_000, 'https')).toMatchObject({
        mayBeSent: false,
        // Which error is reported first depends on the machine's clock.
        message: expect.stringMatching(/^POST \/calls failed \([A-Z_]*CERT[A-Z_]*\)$/),
      });
      expect(requests).toBe(0);
    });

    it('when the TLS handshake hangs', async () => {
      const { port } = await serveSilent();
      expect(await failedPost(port, 50, 'https')).toMatchObject({ mayBeSent: false });
    });

    it('when TLS cannot be established', async () => {
      const { port } = await serveHttp((_, response) => response.end());
      expect(await failedPost(port, 5_000, 'https')).toMatchObject({
        name: 'TruedyNetworkError',
        mayBeSent: false,
      });
    });
  });

  describe('cannot say whether a byte was sent', () => {
    const HEAD = 'HTTP/1.1 201 Created\r\ncontent-type: application/json\r\n';
    const LENGTH = Buffer.byteLength(CALL);

    async function expectUnsure(server: LocalServer, replyMs?: number) {
      const error = await failedPost(server.port, replyMs);
      expect(error).toBeInstanceOf(TruedyNetworkError);
      expect(error).toMatchObject({ mayBeSent: true });
      expect(server.connections()).toBe(1);
    }

    it('when the connection is reset after the request', async () => {
      const server = await serveRaw((socket) => socket.resetAndDestroy());
      await expectUnsure(server);
    });

    it('when the connection is closed without an answer', async () => {
      const server = await serveRaw((socket) => socket.end());
      await expectUnsure(server);
    });

    it.each([
      ['the answer breaks off in its headers', [HEAD]],
      ['the content-length is too long', [`${HEAD}content-length: ${LENGTH + 1}\r\n\r\n${CALL}`]],
      ['a chunked body breaks off', [`${HEAD}transfer-encoding: chunked\r\n\r\n5\r\n{"id"\r\n`]],
      ['the content-length is no number', [`${HEAD}content-length: x\r\n\r\n${CALL}`]],
      ['only a status of 199 comes', ['HTTP/1.1 199 Odd\r\n\r\n']],
      ['the protocol is switched', ['HTTP/1.1 101 Switching\r\nconnection: upgrade\r\n\r\n']],
      ['the answer is no HTTP', ['SSH-2.0-OpenSSH_9.6\r\n']],
      ['the answer is for HTTP/2', ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n']],
      ['a header of 1 MiB comes', [HEAD, `x: ${'x'.repeat(1024 * 1024)}\r\n\r\n`]],
      ['10,000 headers come', [HEAD, 'x-header: x\r\n'.repeat(10_000), '\r\n']],
      ['nothing but 100 Continue comes', ['HTTP/1.1 100 Continue\r\n\r\n'.repeat(1_000)]],
    ])('when %s', async (_, parts) => {
      const server = await serveBytes(...parts);
      await expectUnsure(server);
    });

    it('when the body is too large', async () => {
      const server = await http(201, JSON.stringify({ id: 'a', x: 'x'.repeat(1024 * 1024) }));
      await expectUnsure(server);
    });

    it('when no answer comes in time', async () => {
      const server = await serveRaw(() => undefined);
      expect(await failedPost(server.port, 50)).toMatchObject({
        mayBeSent: true,
        message: 'POST /calls timed out before the answer was complete',
      });
    });

    it('when the body arrives too slowly for the limit', async () => {
      const server = await serveHttp((_, response) => {
        response.writeHead(201).write('{');
        const drip = setInterval(() => response.write(' '), 5);
        response.on('close', () => clearInterval(drip));
      });
      await expectUnsure(server, 60);
    });
  });

  it('does not accept a content-length that is too short as placed', async () => {
    const { port } = await serveBytes(
      `HTTP/1.1 201 Created\r\ncontent-length: ${Buffer.byteLength(CALL) - 1}\r\n\r\n${CALL}`,
    );
    const error = await failedPost(port);
    expect(error).not.toBeInstanceOf(TruedyResponseError);
    expect(error).not.toMatchObject({ mayBeSent: false });
  });

  it('keeps bytes of the answer out of errors', async () => {
    const { port } = await serveBytes(`HTTP/1.1 201 Created\r\nno header ${CALL}\r\n\r\n`);
    expect(inspect(await failedPost(port), { depth: 9 })).not.toContain('4155550101');
  });

  it('keeps key, number and body of the request out of errors', async () => {
    const { port } = await serveRaw((socket) => socket.resetAndDestroy());
    expect(inspect(await failedPost(port), { depth: 9 })).not.toMatch(/truedy_test|415555|Zoë/);
  });

  it('does not accept an answer cut at any byte as placed', async () => {
    const whole = `HTTP/1.1 201 Created\r\ncontent-length: 11\r\n\r\n{"id":"c1"}`;
    let cut = 0;
    const { port } = await serveRaw((socket: Socket) => socket.end(whole.slice(0, cut)));
    for (; cut < whole.length; cut += 1) {
      expect(await failedPost(port)).toMatchObject({ mayBeSent: true });
    }
  });
});

describe('onAnswer', () => {
  const page = { limit: 100, offset: 0 };
  const outcomes: [string, number, string, Answered][] = [
    ['a call placed', 201, CALL, { kind: 'place', status: 201 }],
    ['a refusal', 429, '{}', { kind: 'place', status: 429 }],
    ['an answer that is no JSON', 200, 'nothing', { kind: 'place', status: 'contract' }],
    ['an answer of a wrong shape', 200, '{}', { kind: 'place', status: 'contract' }],
  ];

  it.each(outcomes)('is called once for %s', async (_, status, body, answered) => {
    const told: Answered[] = [];
    const { port } = await http(status, body);
    const client = clientOf(port, 'http', (one) => told.push(one));
    await client.placeCall(REQUEST, 5_000, unhindered, inTime).catch(() => undefined);
    expect(told).toEqual([answered]);
  });

  it('is called for a request without an answer', async () => {
    const told: Answered[] = [];
    const client = clientOf(await closedPort(), 'http', (one) => told.push(one));
    await client.readCall('call_1').catch(() => undefined);
    await client.listCalls(page).catch(() => undefined);
    expect(told).toEqual([
      { kind: 'read', status: 'network' },
      { kind: 'find', status: 'network' },
    ]);
  });

  it('is not called if no request was sent', async () => {
    const told: Answered[] = [];
    const client = clientOf(await closedPort(), 'http', (one) => told.push(one));
    await expect(client.readCall('../agents')).rejects.toBeInstanceOf(TruedyContractError);
    expect(told).toEqual([]);
  });

  it('does not change what an answer proves, even if it throws', async () => {
    const { port } = await http(201, CALL);
    const client = clientOf(port, 'http', () => {
      throw new Error('the meter is gone');
    });
    await expect(client.placeCall(REQUEST, 5_000, unhindered, inTime)).resolves.toMatchObject({
      callId: expect.any(String),
    });
  });
});
