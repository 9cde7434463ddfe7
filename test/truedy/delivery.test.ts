import * as fc from 'fast-check';
import { isWorthParsing, readDelivery } from '../../src/truedy/delivery';
import { numberDigest } from '../../src/truedy/number-digest';
import { record } from '../call/support/records';
import { fixture } from '../fixtures';

const REFERENCE = 'default/call/crm-1#1';

/** A delivery in the newest documented format, with the given data. */
function delivery(data: object, told: object = {}) {
  return { event: 'call.ended', timestamp: '2026-03-18T14:32:00.000Z', data, ...told };
}

describe('readDelivery', () => {
  it('reads the carrier’s payload in Truedy’s envelope', () => {
    expect(readDelivery(fixture('delivery-w1'))).toEqual({
      event: 'call.ended',
      deliveryId: 'uv_evt_123',
      reference: REFERENCE,
      ids: ['uv_call_123'],
      numberDigest: null,
      reason: 'SIP_TERMINATION_NORMAL',
      record: record(),
    });
  });

  it('reads an envelope with ids and a status', () => {
    expect(readDelivery(fixture('delivery-w2'))).toEqual({
      event: 'call.ended',
      deliveryId: 'evt_01hx9k',
      reference: null,
      ids: ['7b3f0a52-6c1e-4a87-9d3b-0f2e1c4d5a69'],
      numberDigest: null,
      reason: null,
      record: record({
        id: '7b3f0a52-6c1e-4a87-9d3b-0f2e1c4d5a69',
        status: 'ended',
        agent_id: 'agt_9f8e7d6c',
        duration_seconds: 87,
      }),
    });
  });

  it('reads an envelope with the whole call', () => {
    const body = fixture('delivery-w3');
    expect(readDelivery(body)).toMatchObject({
      event: 'call.ended',
      deliveryId: null,
      reference: REFERENCE,
      ids: [body.data.id],
      record: {
        id: body.data.id,
        status: 'ended',
        duration_seconds: 87,
        outcome: 'answered',
        transcript: body.data.transcript,
        ended_at: '2026-03-18T14:31:32.000Z',
      },
    });
  });

  it('reads an envelope of Truedy’s own code', () => {
    expect(readDelivery(fixture('delivery-w4'))).toMatchObject({
      event: 'call.started',
      ids: ['uv_call_123'],
      record: record(),
    });
  });

  it('contains neither number nor variables', () => {
    expect(JSON.stringify(readDelivery(fixture('delivery-w3')))).not.toMatch(
      /\+14155550101|"Sarah"/,
    );
  });

  it.each(['phone_number', 'to_number', 'to'])(
    'tells the digest of the number in %s, beside our reference alone',
    (field) => {
      const variables = { temporal_ref: REFERENCE };
      const data = { call_id: 'call_1', [field]: '+14155550101' };
      const digest = numberDigest(
        { namespace: 'default', workflowId: 'call/crm-1' },
        '+14155550101',
      );
      expect(readDelivery(delivery({ ...data, variables }))?.numberDigest).toBe(digest);
      expect(readDelivery(delivery(data))?.numberDigest).toBeNull();
      const foreign = { temporal_ref: 'of another program' };
      expect(readDelivery(delivery({ ...data, variables: foreign }))?.numberDigest).toBeNull();
    },
  );

  it('treats data as the call if it names an agent', () => {
    const data = { id: 'call_1', agent_id: 'agent_1' };
    expect(readDelivery(delivery(data))).toMatchObject({ ids: ['call_1'], deliveryId: null });
  });

  it('is unusable when the id of its call changes the path, even with our reference', () => {
    const variables = { temporal_ref: REFERENCE };
    const data = { id: '../agents', status: 'ended', variables };
    expect(readDelivery(delivery(data))).toBeUndefined();
    expect(readDelivery(delivery({ ...data, status: undefined }))?.ids).toEqual([]);
  });

  it('reads call.completed as call.ended', () => {
    const body = delivery({ call_id: 'call_1' }, { event: 'call.completed' });
    expect(readDelivery(body)?.event).toBe('call.ended');
  });

  it('accepts an unknown event type without a call', () => {
    expect(readDelivery(delivery({}, { event: 'voice.training.completed' }))).toMatchObject({
      event: 'voice.training.completed',
      ids: [],
      numberDigest: null,
    });
  });

  it.each([{ id: 7 }, { call_id: 7 }, { call: 'x' }, { status: 'running' }])(
    'has nothing against the data %j of what is about no call',
    (data) => {
      expect(readDelivery(delivery(data, { event: 'batch.completed' }))).toEqual({
        event: 'batch.completed',
        deliveryId: null,
        reference: null,
        ids: [],
        numberDigest: null,
        reason: null,
        record: record(),
      });
    },
  );

  it.each([
    ['call_id', { call_id: 'call_1' }, ['call_1']],
    ['callId', { callId: 'call_1' }, ['call_1']],
    ['id, where data is the call', { id: 'call_1', status: 'ended' }, ['call_1']],
    ['id, beside a status not in the list', { id: 'call_1', status: 'exploded' }, ['call_1']],
    ['call.callId', { call: { callId: 'uv_1' } }, ['uv_1']],
    ['call.call_id', { call: { call_id: 'uv_1' } }, ['uv_1']],
    ['ultravox_call_id', { call_id: 'call_1', ultravox_call_id: 'uv_1' }, ['call_1', 'uv_1']],
    [
      'several places, the vendor’s first',
      { call: { callId: 'uv_1' }, call_id: 'a' },
      ['a', 'uv_1'],
    ],
    ['two places, once', { call: { callId: 'a' }, call_id: 'a' }, ['a']],
  ])('finds the ids in %s', (_, data, ids) => {
    expect(readDelivery(delivery(data))?.ids).toEqual(ids);
  });

  it('does not treat data.id as a call id if data is not a call', () => {
    const data = { id: 'uv_evt_1', call: { callId: 'uv_1' } };
    expect(readDelivery(delivery(data))).toMatchObject({ ids: ['uv_1'], record: { id: null } });
  });

  it.each([
    ['data.variables', { variables: { temporal_ref: REFERENCE } }],
    ['data.context', { context: { temporal_ref: REFERENCE } }],
    ['data.metadata', { metadata: { temporal_ref: REFERENCE } }],
    ['call.metadata', { call: { metadata: { temporal_ref: REFERENCE } } }],
    ['call.requestContext', { call: { requestContext: { temporal_ref: REFERENCE } } }],
    ['call.variables', { call: { variables: { temporal_ref: REFERENCE } } }],
    ['call.context', { call: { context: { temporal_ref: REFERENCE } } }],
  ])('finds our reference in %s', (_, data) => {
    expect(readDelivery(delivery(data))?.reference).toBe(REFERENCE);
  });

  it.each([7, null, {}])('ignores the reference %j', (temporal_ref) => {
    const data = { call_id: 'call_1', variables: { temporal_ref } };
    expect(readDelivery(delivery(data))?.reference).toBeNull();
  });

  it.each([
    ['id', { id: 'evt_1' }, {}],
    ['event_id', { event_id: 'evt_1' }, {}],
    ['data.eventId', {}, { eventId: 'evt_1' }],
    ['data.event_id', {}, { event_id: 'evt_1' }],
    ['data.id, where data is no call', {}, { id: 'evt_1' }],
  ])('finds the delivery’s id in %s', (_, told, data) => {
    expect(readDelivery(delivery({ call_id: 'a', ...data }, told))?.deliveryId).toBe('evt_1');
  });

  it('ignores a delivery id of 10 kB', () => {
    const body = delivery({ call_id: 'a' }, { id: 'x'.repeat(10_000) });
    expect(readDelivery(body)).toMatchObject({ deliveryId: null, ids: ['a'] });
  });

  it.each([
    ['the carrier’s termination', { sipDetails: { terminationReason: 'a' }, endReason: 'b' }, 'a'],
    ['call.end_reason', { end_reason: 'b' }, 'b'],
    ['call.endReason', { endReason: 'c' }, 'c'],
    ['data.end_reason', {}, 'd'],
  ])('reads the reason from %s', (_, call, reason) => {
    const data = { end_reason: 'd', call: { callId: 'uv_1', ...call } };
    expect(readDelivery(delivery(data))?.reason).toBe(reason);
  });

  it.each([
    ['a status not in the list', { status: 'exploded' }, 'status'],
    ['a duration below 0', { duration_seconds: -1 }, 'duration_seconds'],
    ['a duration of 1e308', { duration_seconds: 1e308 }, 'duration_seconds'],
    ['a duration as text', { duration_seconds: '9' }, 'duration_seconds'],
    ['an end time that is none', { ended_at: 'soon' }, 'ended_at'],
  ])('drops %s and keeps the rest', (_, told, field) => {
    const read = readDelivery(delivery({ call_id: 'call_1', agent_id: 'a', ...told }));
    expect(read?.record).toMatchObject({ [field]: null, agent_id: 'a' });
  });

  it.each(['http://169.254.169.254/', 'file:///etc/passwd', '//evil'])(
    'keeps the recording URL %s as opaque text',
    (recording_url) => {
      const data = { call_id: 'call_1', status: 'ended', recording_url };
      expect(readDelivery(delivery(data))?.record.recording_url).toBe(recording_url);
    },
  );

  it('replaces a transcript of 900 kB by its size', () => {
    const data = { call_id: 'call_1', status: 'ended', transcript: 'x'.repeat(900_000) };
    expect(readDelivery(delivery(data))?.record.transcript).toMatchObject({
      truncated: true,
      bytes: 900_002,
    });
  });

  it.each([
    null,
    [],
    'x',
    7,
    {},
    { event: 'call.ended' },
    { event: '', data: {} },
    { event: 7, data: {} },
  ])('cannot use %j', (body) => {
    expect(readDelivery(body)).toBeUndefined();
  });

  it.each([
    ['names none', {}],
    ['names none, in the guide’s envelope', { status: 'ended' }],
    ['has a number for an id', { call_id: 7 }],
    ['has an empty id', { call_id: '' }],
    ['has an id of 10 kB', { call_id: 'x'.repeat(10_000) }],
    ['has an id that leads elsewhere', { call_id: '../x' }],
    ['has CRLF in its id', { call_id: 'a\r\nb' }],
    ['has NUL in its id', { call_id: 'a\u0000' }],
    ['has an emoji for an id', { call_id: '🎈' }],
    ['has a wrong id in the guide’s envelope', { id: '../x', status: 'ended' }],
    ['has a wrong carrier’s id beside a good one', { call_id: 'a', call: { callId: '../x' } }],
    [
      'has a wrong id beside our reference',
      { call_id: '', variables: { temporal_ref: REFERENCE } },
    ],
  ])('cannot use a call event that %s', (_, data) => {
    expect(readDelivery(delivery(data))).toBeUndefined();
  });

  it('cannot use a body with the key __proto__, wherever it is', () => {
    for (const data of [
      '{"call_id":"a","__proto__":{}}',
      '{"call_id":"a","x":[{"__proto__":1}]}',
    ]) {
      expect(readDelivery(delivery(JSON.parse(data)))).toBeUndefined();
    }
  });

  it.each(['constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    'uses a body with the key %s, which is a key like any other',
    (key) => {
      const variables = { [key]: 'x', temporal_ref: REFERENCE };
      const read = readDelivery(delivery({ call_id: 'a', [key]: {}, variables }));
      expect(read).toMatchObject({ ids: ['a'], reference: REFERENCE });
    },
  );

  it('never throws for JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.object(), (body, data) => {
        expect(() => readDelivery(body)).not.toThrow();
        expect(() => readDelivery(delivery(data))).not.toThrow();
      }),
    );
  });
});

describe('isWorthParsing', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  const wide = (keys: number) =>
    `{${Array.from({ length: keys }, (_, index) => `"k${index}":0`).join()}}`;

  it.each([
    ['32 deep', nested(32), true],
    ['33 deep', nested(33), false],
    ['200,000 deep', nested(200_000), false],
    ['100,000 keys', wide(100_000), true],
    ['100,001 keys', wide(100_001), false],
    ['brackets in text', JSON.stringify({ a: '[{'.repeat(100) }), true],
    ['colons in text', JSON.stringify({ a: ':'.repeat(2_000) }), true],
    ['escaped quotes in text', JSON.stringify({ a: '"\\'.repeat(200), b: '['.repeat(99) }), true],
    ['nesting behind an escaped quote', `["\\"",${nested(40)}]`, false],
    ['a wide list', JSON.stringify(Array.from({ length: 9_999 }, () => ({}))), true],
    ['nothing', '', true],
    ['a call id that stands twice', '{"data":{"call_id":"a","call_id":"b"}}', false],
    ['a key written twice, once escaped', '{"call_id":"a","call\\u005fid":"b"}', false],
    ['one key in two objects', '[{"id":"a","x":{"id":"b"}},{"id":"c"}]', true],
    ['a text and a key of the same words', '{"a":"b","b":"a"}', true],
    ['a key that is no text', '{a:1}', false],
    ['a colon before anything', ':', false],
    ['a text without an end', '{"a":"b', true],
    ['1 MiB of quotes without an end', `"${'\\"'.repeat(2 ** 19)}`, true],
  ])('decides on %s', (_, json, reasonable) => {
    expect(isWorthParsing(json)).toBe(reasonable);
  });

  it.each(['delivery-w1', 'delivery-w2', 'delivery-w3', 'delivery-w4'])('takes %s', (name) => {
    expect(isWorthParsing(JSON.stringify(fixture(name)))).toBe(true);
  });
});
