import { isUnverified, type Received } from '../../src/webhook/receive';
import { bridge, ended, headersFor, NOW_MS, seconds } from './support/bridge';

const BODY = ended();
const STALE = headersFor(BODY, { timestamp: seconds(NOW_MS - 301_000) });
const FORGED = { ...headersFor(BODY), 'x-truedy-signature': '0'.repeat(64) };
const UNSIGNED = { 'content-type': 'application/json' };

describe('a rejected delivery', () => {
  it.each([
    ['unsigned', UNSIGNED],
    ['stale', STALE],
    ['forged', FORGED],
  ])('is logged as %s, without a request to Temporal', async (fate, headers) => {
    const { post, received, asked } = bridge();
    await post(BODY, headers);
    expect(received).toEqual([{ status: 401, fate }]);
    expect(asked).toEqual([]);
  });

  it('gets the same body and headers, whatever the reason', async () => {
    const { post } = bridge();
    const answers = await Promise.all([UNSIGNED, STALE, FORGED].map((one) => post(BODY, one)));
    const headers = answers.map((answer) => Object.fromEntries(answer.headers));
    expect(headers).toEqual([headers[0], headers[0], headers[0]]);
  });

  it('is not read if its claim cannot be valid', async () => {
    const { app } = bridge();
    const pull = jest.fn((controller: ReadableStreamDefaultController) => controller.close());
    const body = new ReadableStream({ pull }, { highWaterMark: 0 });
    const init = { method: 'POST', headers: STALE, body, duplex: 'half' as const };
    expect((await app.request('/webhooks/truedy', init)).status).toBe(401);
    expect(pull).not.toHaveBeenCalled();
  });

  it('has no effect with the fraction of its timestamp moved into its body', async () => {
    const { post, signals } = bridge();
    const body = `123.${BODY}`;
    const headers = headersFor(body, { timestamp: '2026-03-18T14:32:00' });
    expect((await post(body, headers)).status).toBe(422);
    expect(signals).toEqual([]);
  });
});

describe('a signed body', () => {
  it.each([
    ['an unpaired surrogate in a text', ended({ summary: 'x' }).replace('"x"', '"\\ud800"')],
    ['an unpaired surrogate in a key', ended({ x: 1 }).replace('"x"', '"\\udc00"')],
    ['a forbidden key written as an escape', ended({ x: {} }).replace('"x"', '"\\u005f_proto__"')],
    ['NaN', ended().replace('87', 'NaN')],
    ['lists 200,000 deep', '['.repeat(200_000) + ']'.repeat(200_000)],
  ])('is answered 422: %s', async (_, body) => {
    const { deliver, asked } = bridge();
    expect((await deliver(body)).status).toBe(422);
    expect(asked).toEqual([]);
  });

  it('is answered 422 in UTF-16', async () => {
    const { deliver } = bridge();
    expect((await deliver(new Uint8Array(Buffer.from(BODY, 'utf16le')))).status).toBe(422);
  });

  it('is answered 422 wherever it is truncated', async () => {
    const { deliver, signals } = bridge();
    const cut = Array.from({ length: BODY.length }, (_, end) => BODY.slice(0, end));
    const statuses = await Promise.all(cut.map(async (body) => (await deliver(body)).status));
    expect(new Set(statuses)).toEqual(new Set([422]));
    expect(signals).toEqual([]);
  });

  it('keeps a surrogate pair, written as escapes', async () => {
    const { deliver, signals } = bridge();
    await deliver(ended({ summary: 'x' }).replace('"x"', '"\\ud83c\\udf88"'));
    expect(signals[0]?.event.call?.summary).toBe('🎈');
  });

  it('reports the attempt in its reference', async () => {
    const { deliver, signals } = bridge();
    await deliver(BODY);
    expect(signals[0]?.event.attempt).toBe(2);
  });

  it.each([
    'default/call/crm-1',
    'default/call/crm-1#0',
    'default/call/crm-1#1e9',
    'x',
    'a\r\nb#1',
  ])('reports no attempt for the reference %j', async (temporal_ref) => {
    const { deliver, signals } = bridge();
    await deliver(ended({ variables: { temporal_ref } }));
    expect(signals[0]?.event).not.toHaveProperty('attempt');
  });
});

describe('what is logged of a delivery', () => {
  const LARGE = String(1024 * 1024 + 1);
  const MIB = 'x'.repeat(1024 * 1024);

  it.each<[string, Record<string, string>, Received]>([
    ['that is declared too large', { 'content-length': LARGE }, { status: 413, fate: 'too_large' }],
    ['of another type', { 'content-type': 'text/plain' }, { status: 415, fate: 'wrong_type' }],
    ['that is compressed', { 'content-encoding': 'gzip' }, { status: 415, fate: 'wrong_type' }],
  ])('%s is its result', async (_, headers, expected) => {
    const { post, received } = bridge();
    await post(BODY, { ...headersFor(BODY), ...headers });
    expect(received).toEqual([expected]);
  });

  it('of a body without a declared length is too_large above 1 MiB, and unusable at 1 MiB', async () => {
    const { deliver, received } = bridge();
    await deliver(MIB);
    await deliver(`${MIB}x`);
    expect(received).toEqual([
      { status: 422, fate: 'unusable' },
      { status: 413, fate: 'too_large' },
    ]);
  });

  it('of an unused event is the event', async () => {
    const { deliver, received } = bridge();
    await deliver(ended().replace('call.ended', 'call.billed'));
    expect(received).toEqual([{ status: 204, fate: 'unused', event: 'call.billed' }]);
  });

  it('of a used one is its call, its attempt, its age and how long Temporal took', async () => {
    const { deliver, received } = bridge({ now: () => NOW_MS });
    await deliver(ended({ ended_at: new Date(NOW_MS - 2_500).toISOString() }));
    expect(received).toEqual([
      {
        status: 204,
        fate: 'taken',
        event: 'call.ended',
        workflowId: 'call/crm-1',
        callId: 'call_1',
        attempt: 2,
        lagMs: 2_500,
        tookMs: expect.any(Number),
      },
    ]);
    expect(received[0]?.tookMs).toBeLessThan(60_000);
  });

  it('of one from the future is no negative age', async () => {
    const { deliver, received } = bridge();
    await deliver(ended({ ended_at: new Date(NOW_MS + 2_500).toISOString() }));
    expect(received[0]?.lagMs).toBe(0);
  });

  it('lacks what the delivery does not contain', async () => {
    const { deliver, received } = bridge({ correlate: async () => undefined });
    await deliver(ended({ id: undefined, variables: { temporal_ref: 'default/call/crm-1#2' } }));
    await deliver(ended({ variables: {} }));
    const tookMs = expect.any(Number);
    expect(received).toEqual([
      { status: 204, fate: 'unmatched', event: 'call.ended', attempt: 2, tookMs },
      { status: 204, fate: 'unmatched', event: 'call.ended', callId: 'call_1', tookMs },
    ]);
  });

  it.each<[Received['fate'], boolean]>([
    ['unsigned', true],
    ['stale', true],
    ['forged', true],
    ['wrong_type', true],
    ['too_large', true],
    ['overloaded', true],
    ['unusable', false],
    ['taken', false],
  ])('%s can be caused without a secret: %s', (fate, expected) => {
    expect(isUnverified({ status: 401, fate })).toBe(expected);
  });
});

describe('what the run receives', () => {
  it('is the id of the delivery, the digest of the number and the reason, where they are known', async () => {
    const { deliver, signals } = bridge();
    const body: object = JSON.parse(ended({ phone_number: '+14155550101', end_reason: 'hangup' }));
    await deliver(JSON.stringify({ ...body, id: 'evt_1' }));
    expect(signals[0]?.event).toEqual({
      event: 'call.ended',
      ids: ['call_1'],
      deliveryId: 'evt_1',
      attempt: 2,
      callId: 'call_1',
      numberDigest: expect.stringMatching(/^[0-9a-f]{32}$/),
      reason: 'hangup',
      receivedAt: new Date(NOW_MS).toISOString(),
      call: expect.objectContaining({ id: 'call_1', status: 'ended' }),
    });
  });

  it('has no field for what is unknown', async () => {
    const { deliver, signals } = bridge();
    const data = { status: 'ringing', variables: { temporal_ref: 'default/call/crm-1#2' } };
    await deliver(JSON.stringify({ event: 'call.started', timestamp: '', data }));
    expect(signals[0]?.event).toEqual({
      event: 'call.started',
      ids: [],
      attempt: 2,
      receivedAt: new Date(NOW_MS).toISOString(),
    });
  });

  it('has the same request id for every copy, and another one for another delivery', async () => {
    const ids: string[] = [];
    const { deliver } = bridge({
      signal: async (_workflowId, _event, requestId) => {
        ids.push(requestId);
        return 'taken';
      },
    });
    await deliver(BODY);
    await deliver(BODY);
    await deliver(ended({ duration_seconds: 88 }));
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
    expect(ids[0]).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('while Temporal rejects it', () => {
  it.each([
    ['its class', new TypeError('secret'), 'TypeError'],
    ['no more than that it is unknown', 'secret', 'unknown'],
    [
      'class and code',
      new Error('secret', { cause: Object.assign(new Error('secret'), { code: 7 }) }),
      'Error 7',
    ],
  ])('the log contains %s and no message', async (_, error, logged) => {
    const { deliver, received } = bridge({ signal: () => Promise.reject(error) });
    await deliver(BODY);
    expect(received).toMatchObject([{ status: 503, fate: 'temporal_away', error: logged }]);
    expect(JSON.stringify(received)).not.toContain('secret');
  });
});
