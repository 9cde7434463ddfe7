import type { CallEvent } from '../../src/call/api-types';
import { toReference } from '../../src/call/dial-request';
import { createWebhookApp, WEBHOOK_PATH } from '../../src/webhook/app';
import type { Received } from '../../src/webhook/receive';
import { ended, headersFor, NOW, OLD_SECRET, REFERENCE, SECRET } from './deliveries';

type Taken = { workflowId: string; event: CallEvent };

function bridge(options: { readonly signal?: () => Promise<'taken' | 'finished'> } = {}) {
  const taken: Taken[] = [];
  const received: Received[] = [];
  const app = createWebhookApp({
    secrets: [SECRET, OLD_SECRET],
    now: () => NOW,
    correlate: async ({ reference, ids }) => {
      const isOurs = reference !== undefined && toReference(reference) === REFERENCE;
      if (isOurs || ids.includes('call_01')) return 'call/order-1';
      return undefined;
    },
    signal: async (workflowId, event) => {
      const answer = options.signal ? await options.signal() : 'taken';
      taken.push({ workflowId, event });
      return answer;
    },
    onReceived: (one) => received.push(one),
    health: { isLive: () => true, because: async () => [], lagMs: () => 0 },
  });
  const send = async (
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = headersFor(body),
    init: RequestInit = {},
  ) => app.request(WEBHOOK_PATH, { method: 'POST', body, headers, ...init });
  return { app, taken, received, send };
}

const GOOD = JSON.stringify(ended());

describe('a valid delivery', () => {
  it('is signaled to its run and answered 204', async () => {
    const { send, taken } = bridge();
    expect((await send(GOOD)).status).toBe(204);
    expect(taken).toEqual([
      {
        workflowId: 'call/order-1',
        event: {
          event: 'call.ended',
          attempt: 1,
          callId: 'call_01',
          numberDigest: expect.stringMatching(/^[0-9a-f]{32}$/),
          ids: ['call_01'],
          receivedAt: new Date(NOW).toISOString(),
          call: expect.objectContaining({ id: 'call_01', status: 'ended', duration_seconds: 42 }),
        },
      },
    ]);
  });

  it.each(['call.started', 'call.joined', 'call.ended', 'call.completed', 'call.failed'])(
    'is signaled for the event %s',
    async (event) => {
      const { send, taken } = bridge();
      expect((await send(JSON.stringify({ ...ended(), event }))).status).toBe(204);
      expect(taken).toHaveLength(1);
    },
  );

  it('passes on neither the phone number nor the variables', async () => {
    const { send, taken } = bridge();
    await send(GOOD);
    const text = JSON.stringify(taken);
    expect(text).not.toContain('5550101');
    expect(text).not.toContain('Sarah');
  });

  it('only triggers a read if it does not say completely how the call ended', async () => {
    const { send, taken } = bridge();
    const data = { call_id: 'call_01', status: 'completed', agent_id: 'agent_1' };
    await send(JSON.stringify({ event: 'call.ended', timestamp: '', data }));
    expect(taken[0]?.event).not.toHaveProperty('call');
    expect(taken[0]?.event.ids).toEqual(['call_01']);
  });

  it.each([
    ['an older secret', headersFor(GOOD, { secret: OLD_SECRET })],
    ['the other spelling of the headers', headersFor(GOOD, { family: 'X-Trudy' })],
    ['an ISO timestamp', headersFor(GOOD, { timestamp: '2026-12-01T09:00:00Z' })],
    ['an ISO timestamp without a zone', headersFor(GOOD, { timestamp: '2026-12-01T09:00:00.000' })],
    ['an age of 299 s', headersFor(GOOD, { timestamp: String(NOW / 1000 - 299) })],
    ['a time 59 s ahead', headersFor(GOOD, { timestamp: String(NOW / 1000 + 59) })],
    ...[
      'application/json; charset=utf-8',
      'application/json; charset="UTF-8"',
      'application/json; charset=utf8',
      'application/json; charset=us-ascii',
      'application/json; utf-8',
      'application/json;',
      'Application/JSON ; version=2; q="a;b"',
    ].map((type): [string, Record<string, string>] => [
      `the type ${type}`,
      { ...headersFor(GOOD), 'content-type': type },
    ]),
    ...['identity', 'Identity', 'IDENTITY '].map((encoding): [string, Record<string, string>] => [
      `the encoding ${encoding}`,
      { ...headersFor(GOOD), 'content-encoding': encoding },
    ]),
  ])('is accepted with %s', async (_, headers) => {
    const { send, taken } = bridge();
    expect((await send(GOOD, headers)).status).toBe(204);
    expect(taken).toHaveLength(1);
  });

  it('is signaled each time it arrives: the run ignores duplicates', async () => {
    const { send, taken } = bridge();
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(GOOD)));
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 204, 204, 204]);
    expect(taken).toHaveLength(5);
  });
});

describe('a delivery that is not needed', () => {
  it.each([
    [
      'of an unused type',
      { event: 'call.billed', data: { id: 'call_01', status: 'ended' } },
      'unused',
    ],
    ['of a batch', { event: 'batch.completed', data: { id: 'b' } }, 'unused'],
    ['of an unknown call', { event: 'call.ended', data: { call_id: 'call_99' } }, 'unmatched'],
    [
      'of another environment',
      ended({ id: 'call_77', variables: { temporal_ref: 'other/call/x#1' } }),
      'unmatched',
    ],
  ])('%s is answered 204 without effect', async (_, body, fate) => {
    const { send, taken, received } = bridge();
    expect((await send(JSON.stringify(body))).status).toBe(204);
    expect(taken).toEqual([]);
    expect(received[0]?.fate).toBe(fate);
  });

  it('of a finished run is answered 204', async () => {
    const { send, received } = bridge({ signal: async () => 'finished' });
    expect((await send(GOOD)).status).toBe(204);
    expect(received[0]?.fate).toBe('finished');
  });
});

describe('a delivery that is not authentic', () => {
  const good = headersFor(GOOD);
  const signature = good['X-Truedy-Signature'] ?? '';
  const without = (name: string) =>
    Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));
  const signedAs = (text: string) => ({ ...good, 'X-Truedy-Signature': text });

  it.each([
    ['no signature', without('X-Truedy-Signature')],
    ['no timestamp', without('X-Truedy-Timestamp')],
    [
      'a pair of two families',
      { ...without('X-Truedy-Signature'), 'X-Trudy-Signature': signature },
    ],
    ['two signatures in one header', signedAs(`${signature}, ${signature}`)],
    ['63 digits', signedAs(signature.slice(1))],
    ['characters after the signature', signedAs(`${signature}zz`)],
    ['upper case', signedAs(signature.toUpperCase())],
    ['a prefix', signedAs(`sha256=${signature}`)],
    ['base64', signedAs(Buffer.from(signature, 'hex').toString('base64'))],
    ['the secret of another account', headersFor(GOOD, { secret: 'whsec_of_another_account_00' })],
    ['an age of 301 s', headersFor(GOOD, { timestamp: String(NOW / 1000 - 301) })],
    ['a time 61 s ahead', headersFor(GOOD, { timestamp: String(NOW / 1000 + 61) })],
    ['letters after the timestamp', headersFor(GOOD, { timestamp: `${NOW / 1000}abc` })],
    ['a timestamp in milliseconds', headersFor(GOOD, { timestamp: String(NOW) })],
    ['a 31st of November', headersFor(GOOD, { timestamp: '2026-11-31T09:00:00Z' })],
    ['a changed timestamp', { ...good, 'X-Truedy-Timestamp': String(NOW / 1000 - 1) }],
  ])('is answered 401 with %s, always with the same body', async (_, headers) => {
    const { send, taken } = bridge();
    const answer = await send(GOOD, headers);
    expect([answer.status, await answer.text()]).toEqual([401, '{"error":"unauthorized"}']);
    expect(taken).toEqual([]);
  });

  it('is answered 401 if one byte of the body differs', async () => {
    const { send, taken } = bridge();
    expect((await send(`${GOOD} `, headersFor(GOOD))).status).toBe(401);
    expect(taken).toEqual([]);
  });
});

describe('a signed body that cannot be used', () => {
  const deep = `{"event":"call.ended","data":${'['.repeat(40)}${']'.repeat(40)}}`;
  const many = JSON.stringify({
    event: 'call.ended',
    data: Object.fromEntries(Array.from({ length: 100_001 }, (_, n) => [n.toString(36), 0])),
  });

  it.each([
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['text', '"x"'],
    ['an empty object', '{}'],
    ['a trailing comma', '{"event":"call.ended",}'],
    ['two documents', '{}{}'],
    ['a byte order mark', `\ufeff${GOOD}`],
    ['nesting 40 deep', deep],
    ['100,001 keys', many],
    ['a key that objects do not keep unchanged', '{"event":"call.ended","data":{"__proto__":{}}}'],
    ['a call without id or reference', '{"event":"call.ended","data":{"status":"ended"}}'],
    ['an id that is a number', '{"event":"call.ended","data":{"call_id":7}}'],
    ['an id that changes a path', '{"event":"call.ended","data":{"call_id":"../x"}}'],
  ])('is answered 422: %s', async (_, body) => {
    const { send, taken } = bridge();
    expect((await send(body)).status).toBe(422);
    expect(taken).toEqual([]);
  });

  it('is answered 422: invalid UTF-8', async () => {
    const { send } = bridge();
    const bytes = new Uint8Array([0x22, 0xc3, 0x28, 0x22]);
    expect((await send(bytes)).status).toBe(422);
  });
});

describe('a delivery of the wrong type or size', () => {
  it.each([
    'text/plain',
    'multipart/form-data',
    'application/json; charset=latin1',
    'application/json; charset=utf-16',
    'application/json; charset="UTF-16LE"',
    'application/jsonp',
    'application/json, text/plain',
    'json',
    '',
  ])('is answered 415: %s', async (type) => {
    const { send } = bridge();
    expect((await send(GOOD, { ...headersFor(GOOD), 'content-type': type })).status).toBe(415);
  });

  it('is answered 415 if it is compressed, without decompressing it', async () => {
    const { send } = bridge();
    const headers = { ...headersFor(GOOD), 'content-encoding': 'gzip' };
    expect((await send(GOOD, headers)).status).toBe(415);
  });

  it('is answered 413 if over 1 MiB is declared, before it is read', async () => {
    const { send, taken } = bridge();
    const headers = { ...headersFor(GOOD), 'content-length': String(1024 * 1024 + 1) };
    expect((await send(GOOD, headers)).status).toBe(413);
    expect(taken).toEqual([]);
  });

  it('is answered 413 if it exceeds 1 MiB without declaring a length', async () => {
    const { send } = bridge();
    const body = 'x'.repeat(1024 * 1024 + 1);
    expect((await send(body, headersFor(body))).status).toBe(413);
  });
});

describe('while Temporal is unreachable', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('a delivery is answered 503 with a request to retry', async () => {
    const { send } = bridge({ signal: () => Promise.reject(new Error('unavailable')) });
    const answer = await send(GOOD);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  });

  it('a signal that hangs times out', async () => {
    jest.useFakeTimers();
    const { send } = bridge({ signal: () => new Promise(() => undefined) });
    const answer = send(GOOD);
    await jest.advanceTimersByTimeAsync(3_000);
    expect((await answer).status).toBe(503);
  });
});
