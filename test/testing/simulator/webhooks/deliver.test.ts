import { createHmac } from 'node:crypto';

import { legacyText } from '../../../../src/truedy/python-json';
import { NUMBER, simulated } from '../support/simulated';

type Simulated = ReturnType<typeof simulated>;

/** Plays one answered call to its end, with the scripted deliveries. */
async function delivered(webhooks: object, options: Parameters<typeof simulated>[0] = {}) {
  const set: Simulated = simulated(options);
  await set.plan({ defaults: { webhooks } });
  await set.post({ variables: { temporal_ref: 'n/w#1' } });
  await set.clock.advance(3_000);
  return set;
}

function hmac(timestamp: string | undefined, body: string, secret = 'whsec_test'): string {
  return createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
}

describe('deliveries', () => {
  it('are signed over the time and the raw body', async () => {
    const { sent } = await delivered({});
    expect(sent).toHaveLength(3);
    for (const { headers, body } of sent) {
      expect(headers['X-Truedy-Timestamp']).toMatch(/^\d{10}$/);
      expect(headers['X-Truedy-Signature']).toBe(hmac(headers['X-Truedy-Timestamp'], body));
    }
  });

  it('contain the whole call with its variables', async () => {
    const { sent } = await delivered({});
    expect(JSON.parse(sent[2]?.body ?? '')).toMatchObject({
      event: 'call.ended',
      data: {
        status: 'ended',
        outcome: 'answered',
        duration_seconds: 42,
        phone_number: NUMBER,
        variables: { temporal_ref: 'n/w#1' },
        transcript: [{ speaker: 'agent' }, { speaker: 'contact' }],
      },
    });
  });

  it.each([
    ['lost', { events: [] }, []],
    ['only the last', { events: ['call.ended'] }, ['call.ended']],
    [
      'doubled',
      { copies: 2, events: ['call.ended', 'call.joined'] },
      ['call.joined', 'call.joined', 'call.ended', 'call.ended'],
    ],
    ['last first', { reversed: true }, ['call.ended', 'call.joined', 'call.started']],
  ])('can be %s', async (_how, webhooks, expected) => {
    const { events, clock } = await delivered(webhooks);
    await clock.advance(1_000);
    expect(events()).toEqual(expected);
  });

  it('can be late', async () => {
    const { events, clock } = await delivered({ delayMs: 3_600_000, events: ['call.ended'] });
    expect(events()).toEqual([]);
    await clock.advance(3_600_000);
    expect(events()).toEqual(['call.ended']);
  });

  it.each([
    ['wrong_secret', false],
    ['tampered', false],
    ['legacy', false],
    ['right', true],
  ])('signed %s are authentic: %s', async (sign, authentic) => {
    const { sent } = await delivered({ sign, events: ['call.ended'] });
    const [{ headers, body } = { headers: {}, body: '' }] = sent;
    expect(headers['X-Truedy-Signature'] === hmac(headers['X-Truedy-Timestamp'], body)).toBe(
      authentic,
    );
  });

  it('can lack a signature, be stale, and use the other header names and timestamps', async () => {
    const { sent } = await delivered({
      sign: 'missing',
      stampOffsetMs: -600_000,
      headers: 'X-Trudy',
      timestamp: 'iso',
    });
    expect(sent[0]?.headers).toEqual({
      'content-type': 'application/json',
      'X-Trudy-Timestamp': '2026-12-01T08:50:10.500Z',
    });
  });

  it('W1 contains only the ids and statuses of the carrier', async () => {
    const { sent } = await delivered({ shape: 'W1', events: ['call.ended'] });
    const { data } = JSON.parse(sent[0]?.body ?? '');
    expect(data).toMatchObject({
      event: 'call.ended',
      call: { callId: expect.stringMatching(/^uv_/), endReason: 'hangup' },
      id: expect.stringMatching(/^uv_evt_/),
    });
    expect(sent[0]?.body).not.toContain('n/w#1');
  });

  it('W2 contains only id and status', async () => {
    const { sent } = await delivered({ shape: 'W2', events: ['call.ended'] });
    const { data, id } = JSON.parse(sent[0]?.body ?? '');
    expect(Object.keys(data)).toEqual(['call_id', 'status', 'agent_id', 'duration_seconds']);
    expect(data.status).toBe('completed');
    expect(id).toMatch(/^evt_/);
  });

  it('W4 contains a time without a zone', async () => {
    const { sent } = await delivered({ shape: 'W4', events: ['call.ended'] });
    expect(JSON.parse(sent[0]?.body ?? '').timestamp).toBe('2026-12-01T09:00:13.000000');
  });

  it('are retried after 503 and its Retry-After, with a new timestamp', async () => {
    const webhooks = { events: ['call.ended'] };
    const { sent, clock, json, request } = await delivered(webhooks, { answers: [503, 503, 204] });
    expect(sent).toHaveLength(1);
    await clock.advance(7_000);
    expect(sent).toHaveLength(2);
    await clock.advance(60_000);
    expect(sent).toHaveLength(3);
    expect(new Set(sent.map(({ body }) => body)).size).toBe(1);
    expect(new Set(sent.map(({ headers }) => headers['X-Truedy-Timestamp'])).size).toBe(3);
    const { deliveries } = await json(request('/_sim/log'));
    expect(deliveries.map(({ status }: { status: number }) => status)).toEqual([503, 503, 204]);
  });

  it('are not retried after a refusal, nor more often than scripted', async () => {
    const refused = await delivered({ events: ['call.ended'] }, { answers: [401] });
    await refused.clock.advance(600_000);
    expect(refused.sent).toHaveLength(1);
    const away = await delivered({ events: ['call.ended'] }, { answers: Array(9).fill(503) });
    await away.clock.advance(600_000);
    expect(away.sent).toHaveLength(3);
  });

  it('can be sent on request', async () => {
    const { post, request, events, json } = simulated();
    const { id: callId } = await json(post());
    const asked = { callId, event: 'call.failed', shape: 'W2', copies: 2 };
    expect((await request('/_sim/deliver', asked)).status).toBe(200);
    await request('/_sim/deliver', { callId, event: 'call.analyzed' });
    expect(events()).toEqual(['call.failed', 'call.failed', 'call.analyzed']);
  });
});

describe('legacyText', () => {
  // Computed with Python: json.dumps(payload, sort_keys=True), signed with `whsec_test_0123456789abcdef`.
  it('is what the old backend signs', () => {
    const sentText =
      '{"event":"call.ended","data":{"call":{"callId":"uv_call_123"},"note":"café"},"timestamp":"2026-03-18T14:32:00.000000"}';
    expect(hmac('1774017120', legacyText(sentText), 'whsec_test_0123456789abcdef')).toBe(
      '255ae4b9a2c795b74ff2d0e4bfab087d7b63c4e88c2fdd6ab5ae9c3dd17b96be',
    );
  });
});
