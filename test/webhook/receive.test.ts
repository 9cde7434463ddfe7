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

describe('while Temporal rejects it', () => {
  it.each([
    ['its class', new TypeError('secret'), 'TypeError'],
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
