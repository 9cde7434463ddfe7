import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import { createWebhookApp, WEBHOOK_PATH } from '../../src/webhook/app';
import { createCorrelate } from '../../src/webhook/correlate';
import { createWebhookHandler, type Received, type WebhookHandler } from '../../src/webhook/index';
import { createSignal } from '../../src/webhook/signal';
import { newNamespace } from '../support/namespace';
import { testClient } from '../support/temporal';
import { until } from '../support/until';
import { ended, headersFor, NOW_MS, SECRET } from './support/bridge';

const SECRETS = [SECRET];
const now = () => NOW_MS;

/** A log that keeps its lines. */
function keptLog() {
  const lines: (readonly [level: string, fields: object, message: string])[] = [];
  const at = (level: string) => (fields: object, message: string) =>
    void lines.push([level, fields, message]);
  return { log: { info: at('info'), warn: at('warn'), error: at('error') }, lines };
}

/** Accepts connections and never answers, as a Temporal server that hangs. */
const silent = createTcpServer((socket) => void sockets.push(socket));
const sockets: Socket[] = [];
let connection: Connection;
let client: Client;

beforeAll(async () => {
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  connection = Connection.lazy({ address: `127.0.0.1:${port}` });
  client = new Client({ connection });
});

afterAll(async () => {
  await connection.close();
  for (const socket of sockets) socket.destroy();
  silent.close();
});

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) closeNow(server);
});

describe('createWebhookHandler', () => {
  it.each([
    ['no list, as from JavaScript', undefined, 'is not a list'],
    ['an empty list', [], 'is empty'],
    ['a variable that is not set', [undefined], 'contains a value that is not text'],
    ['an empty text', [''], 'contains a secret under 24 characters'],
    ['a secret with a newline', [`${SECRET}\n`], 'contains a secret with whitespace'],
    ['a secret twice', [SECRET, SECRET], 'contains a secret twice'],
    ['four secrets', ['a', 'b', 'c', 'd'].map((end) => SECRET + end), 'more than 3'],
  ])('refuses %s, with the fix and without the secret', (_, secrets, problem) => {
    const create = () => createWebhookHandler({ client, secrets: secrets as string[] });
    expect(create).toThrow(TypeError);
    expect(create).toThrow(problem);
    expect(create).toThrow('Fix: copy');
    expect(create).not.toThrow(SECRET);
  });

  it('signals runs of another namespace than its client', async () => {
    const temporal = await testClient();
    const namespace = await newNamespace(temporal.connection);
    const there = new Client({ connection: temporal.connection, namespace });
    const start = { taskQueue: 'none', workflowId: 'call/other', args: [{}] };
    const handle = await there.workflow.start('OutboundCallWorkflow', start);
    const { log, lines } = keptLog();
    const received: Received[] = [];
    const handler = createWebhookHandler({
      client: temporal.client,
      secrets: SECRETS,
      namespace,
      log,
      now,
      onReceived: (one) => received.push(one),
    });
    const deliver = (data: object) => {
      const rawBody = ended(data);
      const headers = new Headers(headersFor(rawBody));
      return handler.receive({ header: (name) => headers.get(name) ?? undefined, rawBody });
    };
    const reference = `${namespace}/call/other#1`;
    expect((await deliver({ variables: { temporal_ref: reference } })).status).toBe(204);
    const { events } = await handle.fetchHistory();
    expect(events?.some((event) => event.workflowExecutionSignaledEventAttributes)).toBe(true);
    // This namespace has no search attributes: reported once.
    await deliver({ variables: {} });
    await deliver({ variables: {} });
    expect(received.map(({ fate }) => fate)).toEqual(['taken', 'unmatched', 'unmatched']);
    const warnings = lines.filter(([level]) => level === 'warn');
    expect(warnings).toEqual([
      ['warn', { namespace }, expect.stringContaining('temporal truedy setup')],
    ]);
    await temporal.close();
  });
});

/** The three methods and the bridge, each as a function of one request. */
function doors(handler: WebhookHandler) {
  const app = createWebhookApp({
    secrets: SECRETS,
    now,
    correlate: createCorrelate(client, 'default'),
    signal: createSignal(client),
  });
  const init = (body: string, headers: object) => ({
    method: 'POST',
    body,
    headers: { ...headers },
  });
  return {
    bridge: async (body: string, headers: object) => app.request(WEBHOOK_PATH, init(body, headers)),
    fetch: (body: string, headers: object) =>
      handler.fetch(new Request('https://example.com/hook', init(body, headers))),
    async receive(body: string, headers: object) {
      const given = new Headers({ ...headers });
      const header = (name: string) => given.get(name) ?? undefined;
      const answer = await handler.receive({ header, rawBody: Buffer.from(body) });
      return new Response(answer.body || null, answer);
    },
    async node(body: string, headers: object) {
      const { port } = await serve(handler);
      const answer = await fetch(`http://127.0.0.1:${port}/hook`, init(body, headers));
      const text = await answer.text();
      return new Response(text || null, answer);
    },
  };
}

function closeNow(server: Server): void {
  server.close();
  server.closeAllConnections();
}

async function serve(handler: WebhookHandler): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => void handler.node(request, response));
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

const BODY = ended();
const HEADERS = headersFor(BODY);
const LONG = 'x'.repeat(1024 * 1024 + 1);
const UNUSED = '{"event":"batch.completed","data":{}}';

describe.each(['fetch', 'receive', 'node'] as const)('%s answers as the bridge does', (door) => {
  it.each([
    [204, 'to an event that is not used', UNUSED, headersFor(UNUSED)],
    [401, 'without headers', BODY, { 'content-type': 'application/json' }],
    [401, 'to a forgery', BODY, { ...HEADERS, 'x-truedy-signature': '0'.repeat(64) }],
    [401, 'to an empty body', '', HEADERS],
    [401, 'to an old one', BODY, headersFor(BODY, { timestamp: '1700000000' })],
    [413, 'to a long one', LONG, headersFor(LONG)],
    [415, 'to another type', BODY, { ...HEADERS, 'content-type': 'text/plain' }],
    [415, 'to a compressed one', BODY, { ...HEADERS, 'content-encoding': 'gzip' }],
    [422, 'to one that is signed and not JSON', '{', headersFor('{')],
    [503, 'without Temporal', BODY, HEADERS],
  ])('%i %s', async (status, _, body, headers) => {
    const { log } = keptLog();
    const { [door]: ask, bridge } = doors(
      createWebhookHandler({ client, secrets: SECRETS, now, log }),
    );
    const [ours, theirs] = [await ask(body, headers), await bridge(body, headers)];
    expect(ours.status).toBe(status);
    expect(theirs.status).toBe(status);
    expect(await ours.text()).toBe(await theirs.text());
    for (const name of ['content-type', 'retry-after', 'cache-control', 'x-content-type-options']) {
      expect([name, ours.headers.get(name)]).toEqual([name, theirs.headers.get(name)]);
    }
  });
});

describe('node', () => {
  it('answers 405 to another method, and closes the connection', async () => {
    const { port } = await serve(createWebhookHandler({ client, secrets: SECRETS, now }));
    const answer = await fetch(`http://127.0.0.1:${port}`);
    expect([answer.status, answer.headers.get('allow'), answer.headers.get('connection')]).toEqual([
      405,
      'POST',
      'close',
    ]);
  });

  it('survives a sender that disconnects while its body is arriving', async () => {
    const { log, lines } = keptLog();
    const { server, port } = await serve(
      createWebhookHandler({ client, secrets: SECRETS, now, log }),
    );
    const socket = connect(port, '127.0.0.1');
    const head = Object.entries({ ...HEADERS, host: 'x', 'content-length': '100' });
    const text = head.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    socket.write(`POST / HTTP/1.1\r\n${text}\r\n{`);
    await once(server, 'request');
    socket.destroy();
    await until(async () => lines.length > 0);
    expect(lines).toMatchObject([
      ['info', { reason: 'disconnected', source: expect.stringContaining('127.0.0.1') }, 'refused'],
    ]);
  });

  it('limits what an unauthenticated sender can log', async () => {
    const { log, lines } = keptLog();
    const { fetch: send } = doors(createWebhookHandler({ client, secrets: SECRETS, now, log }));
    for (let count = 0; count < 150; count += 1) await send(BODY, {});
    expect(lines).toHaveLength(101);
    expect(lines.at(-1)?.[0]).toBe('warn');
  });

  it('gives a body up when newer ones need its memory', async () => {
    const { log, lines } = keptLog();
    const { port } = await serve(createWebhookHandler({ client, secrets: SECRETS, now, log }));
    // Each of them occupies its complete buffer of 1 MiB, and only 32 of them fit.
    const half = LONG.slice(0, 600 * 1024);
    const requests = Array.from({ length: 40 }, () => {
      const headers = { ...HEADERS, 'content-length': String(half.length + 1) };
      const request = httpRequest({ port, host: '127.0.0.1', method: 'POST', headers });
      request.on('error', () => undefined).write(half);
      return request;
    });
    await until(async () => lines.length > 0);
    expect(lines[0]).toMatchObject(['info', { fate: 'overloaded', status: 503 }, 'delivery']);
    for (const request of requests) request.destroy();
  });
});

describe('fetch', () => {
  it('answers 500 and logs, if the program fails that counts deliveries', async () => {
    const { log, lines } = keptLog();
    const onReceived = () => {
      throw new RangeError('a number such as +14155550101');
    };
    const handler = createWebhookHandler({ client, secrets: SECRETS, now, log, onReceived });
    const { status } = await doors(handler).fetch(UNUSED, headersFor(UNUSED));
    expect(status).toBe(500);
    expect(lines).toMatchObject([['error', { error: 'RangeError' }, expect.any(String)]]);
    expect(JSON.stringify(lines)).not.toContain('+1415');
  });
});
