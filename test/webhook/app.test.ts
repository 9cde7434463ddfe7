import type { HttpRefusal } from '../../src/runtime/http-refusal';
import { createWebhookApp, WEBHOOK_PATH } from '../../src/webhook/app';
import { bridge, ended, headersFor, SECRET, type BridgeOptions } from './support/bridge';

const BODY = ended();

/** The bridge, and the requests that it refused. */
function refusing(options: BridgeOptions = {}) {
  const refusals: HttpRefusal[] = [];
  return { ...bridge({ onRefused: (one) => refusals.push(one), ...options }), refusals };
}

describe('a request that is not a delivery', () => {
  it.each(['GET', 'PUT', 'DELETE', 'PATCH'])('is answered 405: %s', async (method) => {
    const { app, refusals } = refusing();
    const { status, headers } = await app.request(WEBHOOK_PATH, { method });
    expect([status, headers.get('allow'), headers.get('connection')]).toEqual([
      405,
      'POST',
      'close',
    ]);
    expect(refusals).toEqual([{ reason: 'method', status: 405, source: 'unknown' }]);
  });

  it.each(['/', '/webhooks', '/webhooks/truedy/', '/webhooks/truedyx'])(
    'is answered 404 at %s',
    async (path) => {
      const { app, refusals } = refusing();
      const { status, headers } = await app.request(path, { method: 'POST' });
      expect([status, headers.get('connection')]).toEqual([404, 'close']);
      expect(refusals).toEqual([{ reason: 'not_found', status: 404, source: 'unknown' }]);
    },
  );

  it('may be a probe', async () => {
    const { app } = refusing();
    expect((await app.request('/livez')).status).toBe(200);
    expect((await app.request('/readyz')).status).toBe(200);
  });

  it('is no probe if the probes have an address of their own', async () => {
    const app = createWebhookApp({
      secrets: [SECRET],
      now: Date.now,
      correlate: async () => undefined,
      signal: async () => 'taken',
    });
    expect((await app.request('/livez')).status).toBe(404);
    const init = { method: 'POST', headers: headersFor(BODY), body: BODY };
    expect((await app.request(WEBHOOK_PATH, init)).status).toBe(401);
  });
});

describe('every response', () => {
  it.each([
    ['to a delivery', WEBHOOK_PATH],
    ['to anything else', '/x'],
  ])('%s forbids caching and content sniffing', async (_, path) => {
    const { app } = bridge();
    const init = { method: 'POST', headers: headersFor(BODY), body: BODY };
    const { headers } = await app.request(path, init);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('a delivery', () => {
  it('is reported with the address of its sender', async () => {
    const sources: string[] = [];
    const { app } = bridge({ onReceived: (_, source) => sources.push(source) });
    const init = { method: 'POST', headers: headersFor(BODY), body: BODY };
    const incoming = {
      socket: { remoteAddress: '192.0.2.7' },
      iterator: () => [Buffer.from(BODY)],
    };
    await app.request(WEBHOOK_PATH, init);
    await app.request(WEBHOOK_PATH, init, { incoming });
    expect(sources).toEqual(['unknown', '192.0.2.7']);
  });

  it('whose body cannot be read is answered 500, and only the class of the error is reported', async () => {
    const { app, refusals } = refusing();
    expect((await app.request(WEBHOOK_PATH, broken(new TypeError('secret')))).status).toBe(500);
    expect(refusals).toEqual([
      { reason: 'unanswered', status: 500, source: 'unknown', detail: 'TypeError' },
    ]);
  });

  it('whose sender disconnects is not reported again', async () => {
    const { app, refusals } = refusing();
    const reset = Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    expect((await app.request(WEBHOOK_PATH, broken(reset))).status).toBe(500);
    expect(refusals).toEqual([]);
  });
});

/** A genuine delivery whose body ends with an error. */
function broken(error: Error) {
  const body = new ReadableStream({ pull: (controller) => controller.error(error) });
  return { method: 'POST', headers: headersFor(BODY), body, duplex: 'half' as const };
}
