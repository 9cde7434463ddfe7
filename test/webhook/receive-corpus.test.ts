import { capturedLog } from '../support/captured-log';
import { bridge, ended, headersFor, NOW_MS, seconds } from './support/bridge';

const BODY = ended();
const GOOD = headersFor(BODY);
const SIGNATURE = GOOD['x-truedy-signature'] ?? '';
const TIMESTAMP = seconds(NOW_MS);

const claiming = (timestamp: string, signature: string) => ({
  ...GOOD,
  'x-truedy-timestamp': timestamp,
  'x-truedy-signature': signature,
});
const signedAt = (timestamp: string) => headersFor(BODY, { timestamp });
const iso = (offsetMs: number) => new Date(NOW_MS + offsetMs).toISOString();

describe('a claim', () => {
  it.each([
    ['both halves empty', claiming('', '')],
    ['an empty timestamp, signed', signedAt('')],
    ['65 digits', claiming(TIMESTAMP, `${SIGNATURE}0`)],
    ['characters other than hex digits', claiming(TIMESTAMP, 'g'.repeat(64))],
    ['a Latin-1 letter', claiming(TIMESTAMP, `é${SIGNATURE.slice(1)}`)],
    ['10 kB', claiming(TIMESTAMP, 'a'.repeat(10_000))],
    [
      'a bad pair beside a good one of the other spelling',
      {
        ...claiming(TIMESTAMP, '0'.repeat(64)),
        'x-trudy-timestamp': TIMESTAMP,
        'x-trudy-signature': SIGNATURE,
      },
    ],
    ...[
      '1.7e9',
      '0x6553f100',
      '+1773844320',
      '-1773844320',
      '1773844320000',
      '177384432',
      '2026-02-31T14:32:00Z',
      '2026-W12-3T14:32:00Z',
      '2026-03-18T25:32:00Z',
      '26-03-18T14:32:00Z',
      '2026-03-18 14:32:00Z',
    ].map((at): [string, Record<string, string>] => [`the timestamp ${at}, signed`, signedAt(at)]),
    ['an age of 301 s, as ISO', signedAt(iso(-301_000))],
    ['a time 61 s ahead, as ISO', signedAt(iso(61_000))],
  ])('is answered 401 without effect: %s', async (_, headers) => {
    const { post, asked, signals } = bridge();
    expect((await post(BODY, headers)).status).toBe(401);
    expect({ asked, signals }).toEqual({ asked: [], signals: [] });
  });

  it.each([
    ['299 s old, as ISO', signedAt(iso(-299_000))],
    ['59 s ahead, as ISO', signedAt(iso(59_000))],
    ['with an offset', signedAt('2026-03-18T16:32:00+02:00')],
  ])('is accepted: %s', async (_, headers) => {
    const { post, signals } = bridge();
    expect((await post(BODY, headers)).status).toBe(204);
    expect(signals).toHaveLength(1);
  });

  it('is rejected once its secret is removed', async () => {
    const { post } = bridge({ secrets: ['whsec_newer_0123456789abcdef'] });
    expect((await post(BODY, GOOD)).status).toBe(401);
  });

  it('is accepted with the last of three secrets', async () => {
    const secrets = ['whsec_test_0123456789abcdef', 'whsec_b', 'whsec_a'].toReversed();
    const { post } = bridge({ secrets });
    expect((await post(BODY, GOOD)).status).toBe(204);
  });

  it('is valid for one body only: not if a digit moves from the timestamp into the body', async () => {
    const { post, signals } = bridge();
    const headers = headersFor(`0.${BODY}`, { timestamp: TIMESTAMP.slice(0, 9) });
    expect((await post(`0.${BODY}`, headers)).status).toBe(401);
    expect(signals).toEqual([]);
  });

  it('gives the same event when it is signed again later', async () => {
    const { post, signals } = bridge();
    await post(BODY, GOOD);
    await post(BODY, signedAt(seconds(NOW_MS + 1_000)));
    expect(signals[1]).toEqual(signals[0]);
  });
});

describe('the checks', () => {
  const wrongType = { 'content-type': 'text/plain' };
  const tooLong = { 'content-length': String(1024 * 1024 + 1) };

  it.each([
    ['the path before the method', '/elsewhere', 'GET', {}, 404],
    ['the method before the length', '/webhooks/truedy', 'PUT', tooLong, 405],
    ['the length before the type', '/webhooks/truedy', 'POST', { ...tooLong, ...wrongType }, 413],
    ['the type before the claim', '/webhooks/truedy', 'POST', wrongType, 415],
  ])('run in this order: %s', async (_, path, method, headers, status) => {
    const { app } = bridge();
    expect((await app.request(path, { method, headers })).status).toBe(status);
  });

  it('run in this order: the signature before the body', async () => {
    const { post } = bridge();
    expect((await post('no JSON', GOOD)).status).toBe(401);
  });

  it('run in this order: the body before the correlation', async () => {
    const { deliver, asked } = bridge();
    expect((await deliver('{}')).status).toBe(422);
    expect(asked).toEqual([]);
  });

  it('run in this order: the event type before the correlation', async () => {
    const { deliver, asked } = bridge();
    expect((await deliver(BODY.replace('call.ended', 'call.billed'))).status).toBe(204);
    expect(asked).toEqual([]);
  });
});

describe('a call id', () => {
  it.each([
    ['empty', ''],
    ['of 129 characters', 'a'.repeat(129)],
    ['of 10 kB', 'a'.repeat(10_000)],
    ['with a parent path', '../x'],
    ['of two lines', 'call_1\r\nx: y'],
    ['with NUL', 'call_1\u0000'],
    ['with an emoji', 'call_🎈'],
  ])('is answered 422: %s', async (_, id) => {
    const { deliver, asked } = bridge();
    expect((await deliver(ended({ id }))).status).toBe(422);
    expect(asked).toEqual([]);
  });

  it('of 128 characters is accepted', async () => {
    const { deliver, signals } = bridge();
    expect((await deliver(ended({ id: 'a'.repeat(128) }))).status).toBe(204);
    expect(signals[0]?.event.ids).toEqual(['a'.repeat(128)]);
  });
});

describe('an unusual record', () => {
  it.each([
    ['an unknown status', { status: 'levitating' }],
    ['a duration below 0', { duration_seconds: -1 }],
    ['a duration beyond reason', { duration_seconds: 1e308 }],
    ['a duration as text', { duration_seconds: '87' }],
  ])('only triggers a read: %s', async (_, data) => {
    const { deliver, signals } = bridge();
    expect((await deliver(ended(data))).status).toBe(204);
    expect(signals).toHaveLength(1);
    expect(signals[0]?.event).not.toHaveProperty('call');
  });

  it('keeps how the call ended even if it ended before it started', async () => {
    const { deliver, signals } = bridge();
    const times = { started_at: '2026-03-18T14:32:00Z', ended_at: '2026-03-18T14:31:00Z' };
    expect((await deliver(ended({ ...times, created_at: '9999-01-01T00:00:00Z' }))).status).toBe(
      204,
    );
    expect(signals).toHaveLength(1);
  });

  it('loses unknown fields', async () => {
    const { deliver, signals } = bridge();
    await deliver(ended({ surprise: 'hidden', metadata: { note: 'hidden' } }));
    expect(JSON.stringify(signals)).not.toContain('hidden');
  });

  it.each(['http://169.254.169.254/', 'file:///etc/passwd', '//evil'])(
    'passes on the URL of a recording as text: %s',
    async (recording_url) => {
      const { deliver, signals } = bridge();
      expect((await deliver(ended({ recording_url }))).status).toBe(204);
      expect(signals[0]?.event.call?.recording_url).toBe(recording_url);
    },
  );

  it.each([
    ['of 900 kB', 'x'.repeat(900 * 1024)],
    ['with terminal escape codes', '\u001b[31mred\r\n'],
    ['with a JNDI lookup', '${jndi:ldap://evil}'],
    ['with a script', '<script>alert(1)</script>'],
  ])('is signaled in at most 64 KiB, and not logged: a transcript %s', async (_, transcript) => {
    const { log, lines } = capturedLog();
    const onReceived = (received: object) => log.info(received, 'delivery');
    const { deliver, signals } = bridge({ onReceived });
    expect((await deliver(ended({ transcript }))).status).toBe(204);
    expect(JSON.stringify(signals[0]?.event).length).toBeLessThan(64 * 1024);
    expect(lines).toHaveLength(1);
    expect(lines.join().length).toBeLessThan(500);
  });
});

describe('the log of a delivery', () => {
  it('contains result, event and run, and nothing about the person', async () => {
    const { deliver, received } = bridge();
    await deliver(ended({ phone_number: '+14155550101', summary: 'hidden' }));
    expect(received).toEqual([
      {
        status: 204,
        fate: 'taken',
        event: 'call.ended',
        workflowId: 'call/crm-1',
        callId: 'call_1',
        attempt: 2,
        tookMs: expect.any(Number),
      },
    ]);
  });
});

describe('while Temporal is unreachable', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('a lookup that fails is answered 503', async () => {
    const { deliver, signals } = bridge({
      correlate: () => Promise.reject(new Error('unreachable')),
    });
    const answer = await deliver(BODY);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(signals).toEqual([]);
  });

  it('a lookup that hangs times out', async () => {
    jest.useFakeTimers();
    const { deliver } = bridge({ correlate: () => new Promise(() => undefined) });
    const answer = deliver(BODY);
    await jest.advanceTimersByTimeAsync(3_000);
    expect((await answer).status).toBe(503);
  });

  it('a late signal is awaited', async () => {
    jest.useFakeTimers();
    const { deliver } = bridge({
      signal: () => new Promise((resolve) => setTimeout(() => resolve('taken'), 2_900)),
    });
    const answer = deliver(BODY);
    await jest.advanceTimersByTimeAsync(2_900);
    expect((await answer).status).toBe(204);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('a signal that its run will never accept is answered 204', async () => {
    const { deliver, received } = bridge({ signal: async () => 'refused' });
    expect((await deliver(BODY)).status).toBe(204);
    expect(received).toMatchObject([{ fate: 'refused' }]);
  });
});
