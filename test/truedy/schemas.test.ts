import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { callAnswerSchema, callSchema, listAnswerSchema } from '../../src/truedy/schemas';
import { record } from '../call/support/records';
import { fixture } from '../fixtures';

const NUMBER = '+14155550101';
const REFERENCE = 'default/call/crm-1#1';

function read(told: object) {
  return callSchema.parse({ id: 'call_1', ...told });
}

describe('callAnswerSchema', () => {
  it('reads the guide’s answer to POST', () => {
    expect(callAnswerSchema.parse(fixture('post-guide'))).toEqual({
      callId: 'call_01hx9k2v7m3n4p5q6r7s8t9u0v',
      otherIds: [],
      phoneNumber: NUMBER,
      reference: REFERENCE,
      reason: null,
      record: record({
        id: 'call_01hx9k2v7m3n4p5q6r7s8t9u0v',
        status: 'queued',
        agent_id: 'agent_01hx9k2v7m',
        from_number: '+14155550102',
        created_at: '2026-03-18T14:30:00.000Z',
      }),
    });
  });

  it('reads the guide’s ended call', () => {
    const body = fixture('get-guide');
    expect(callAnswerSchema.parse(body).record).toEqual({
      id: body.id,
      status: 'ended',
      agent_id: 'agent_01hx9k2v7m',
      from_number: '+14155550102',
      duration_seconds: 87,
      outcome: 'answered',
      summary: 'Sarah confirmed.',
      transcript: body.transcript,
      recording_url: body.recording_url,
      created_at: '2026-03-18T14:30:00.000Z',
      started_at: '2026-03-18T14:30:05.000Z',
      ended_at: '2026-03-18T14:31:32.000Z',
    });
  });

  it('reads the reference’s answer with phone_number', () => {
    expect(callAnswerSchema.parse(fixture('post-reference-a'))).toMatchObject({
      callId: 'call_a1b2c3d4',
      phoneNumber: NUMBER,
      reference: null,
      record: { status: 'queued', agent_id: 'agt_9f8e7d6c', from_number: null },
    });
  });

  it('reads the reference’s answer with to_number', () => {
    expect(callAnswerSchema.parse(fixture('post-reference-t'))).toMatchObject({
      callId: 'call_88333dcb-b',
      phoneNumber: NUMBER,
      record: { from_number: '+14155550102', created_at: '2026-03-03T20:30:21.310Z' },
    });
  });

  it('reads the reference’s ended call', () => {
    expect(callAnswerSchema.parse(fixture('get-reference'))).toMatchObject({
      callId: 'call_a1b2c3d4',
      phoneNumber: NUMBER,
      reference: null,
      record: {
        status: 'ended',
        from_number: '+14155550102',
        duration_seconds: 142,
        outcome: null,
        summary: 'The customer confirmed.',
        transcript: null,
        ended_at: '2026-04-02T10:02:26.000Z',
      },
    });
  });

  it.each([
    ['null', null],
    ['text', 'call_1'],
    ['a number', 7],
    ['an empty object', {}],
    ['an empty list', []],
    ['a list', [{ id: 'call_1' }]],
    ['an empty envelope', { data: {} }],
    ['a list in an envelope', { data: [] }],
    ['an envelope of null', { data: null }],
    ['an id that is a number', { id: 7 }],
    ['an empty id', { id: '' }],
    ['an id of 200 characters', { id: 'x'.repeat(200) }],
    ['an id that leads elsewhere', { id: '../1' }],
    ['an id with a line break at its end', { id: 'call_1\n' }],
    ['the carrier’s id alone', { ultravox_call_id: 'uv_1' }],
    ['the carrier’s id beside a number', { id: 7, ultravox_call_id: 'uv_1' }],
    ['a good id beside a wrong one that comes first', { id: '../1', call_id: 'call_1' }],
    ['an id beside an envelope without one', { id: 'call_1', data: {} }],
  ])('finds no call in %s', (_, body) => {
    expect(callAnswerSchema.safeParse(body).success).toBe(false);
  });

  it.each([null, 'a text', 7])(
    'reads the call beside a `data` of %j, which is no envelope',
    (data) => {
      expect(callAnswerSchema.parse({ id: 'call_1', data }).callId).toBe('call_1');
    },
  );

  it('names the field that lacks a usable id', () => {
    const issues = callAnswerSchema.safeParse({ id: '../agents' }).error?.issues ?? [];
    expect(issues.map(({ path }) => path.join('.'))).toEqual(['id']);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.anything(), (body) => {
        expect(() => callAnswerSchema.safeParse(body)).not.toThrow();
      }),
    );
  });
});

describe('listAnswerSchema', () => {
  it('reads the listing with pagination', () => {
    expect(listAnswerSchema.parse(fixture('list-a'))).toMatchObject([
      { callId: 'call_a1b2c3d4', phoneNumber: NUMBER, record: { status: 'ended' } },
      { callId: 'call_e5f6a7b8', phoneNumber: '+14155550103', record: { status: 'failed' } },
    ]);
  });

  it('reads the listing with meta.count', () => {
    expect(listAnswerSchema.parse(fixture('list-b'))).toMatchObject([
      { callId: 'call_88333dcb-b', record: { ended_at: '2026-03-03T20:31:00.000Z' } },
    ]);
  });

  it('reads an empty page', () => {
    expect(listAnswerSchema.parse({ data: [] })).toEqual([]);
  });

  it.each([
    ['a row without an id', { data: [{ id: 'call_1' }, { status: 'ended' }] }],
    ['a row that is null', { data: [null] }],
    ['an object', { data: { id: 'call_1' } }],
    ['no data', { meta: { count: 0 } }],
    ['null', null],
  ])('rejects a page with %s', (_, body) => {
    expect(listAnswerSchema.safeParse(body).success).toBe(false);
  });
});

describe('callSchema', () => {
  it.each([
    ['queued', 'queued'],
    ['ringing', 'ringing'],
    ['in-progress', 'in_progress'],
    ['in_progress', 'in_progress'],
    ['In Progress', 'in_progress'],
    ['ENDED', 'ended'],
    ['completed', 'ended'],
    ['failed', 'failed'],
    ['cancelled', 'cancelled'],
    ['canceled', 'cancelled'],
    ['exploded', null],
    ['constructor', null],
    ['', null],
    [null, null],
    [7, null],
  ])('reads the status %j as %s', (status, told) => {
    expect(read({ status }).record.status).toBe(told);
  });

  it.each([
    ['phone_number', { phone_number: NUMBER }],
    ['to_number', { to_number: NUMBER }],
    ['to', { to: NUMBER }],
  ])('finds the number in %s', (_, told) => {
    expect(read(told).phoneNumber).toBe(NUMBER);
  });

  it.each(['variables', 'context', 'metadata'])('finds our reference in %s', (place) => {
    expect(read({ [place]: { temporal_ref: REFERENCE } }).reference).toBe(REFERENCE);
  });

  it.each([[7], [null], [{}], [[REFERENCE]]])('ignores the reference %j', (value) => {
    expect(read({ variables: { temporal_ref: value } }).reference).toBeNull();
  });

  it.each([
    [
      'the carrier’s reason first',
      { sipDetails: { terminationReason: 'a' }, end_reason: 'b' },
      'a',
    ],
    ['end_reason', { end_reason: 'b', endReason: 'c' }, 'b'],
    ['endReason', { endReason: 'c' }, 'c'],
    ['none', {}, null],
    ['none where the carrier’s details are no object', { sipDetails: 'x' }, null],
  ])('reads the reason from %s', (_, told, reason) => {
    expect(read(told).reason).toBe(reason);
  });

  it.each([
    ['id', { id: 'a', call_id: 'b', callId: 'c' }, 'a'],
    ['call_id', { id: null, call_id: 'b', callId: 'c' }, 'b'],
    ['callId', { callId: 'c' }, 'c'],
  ])('reads the id from %s', (_, told, callId) => {
    expect(callSchema.parse(told)).toMatchObject({ callId, record: { id: callId } });
  });

  it('lists other ids apart from Truedy’s own, each once', () => {
    const call = read({ call_id: 'call_1', callId: 'call_2', ultravox_call_id: 'uv_1' });
    expect(call).toMatchObject({ callId: 'call_1', otherIds: ['call_2', 'uv_1'] });
  });

  it.each([
    ['2026-03-18T14:30:00Z', '2026-03-18T14:30:00.000Z'],
    ['2026-03-18T14:30:00.123Z', '2026-03-18T14:30:00.123Z'],
    ['2026-03-03T20:30:21.310278Z', '2026-03-03T20:30:21.310Z'],
    ['2026-03-03T20:30:21.310278', '2026-03-03T20:30:21.310Z'],
    ['2026-03-18T14:30:00+05:30', '2026-03-18T09:00:00.000Z'],
    ['2026-03-18 14:30:00+00', '2026-03-18T14:30:00.000Z'],
    ['2026-02-31T00:00:00Z', null],
    ['yesterday', null],
    ['call 5', null],
    ['12', null],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z'],
    ['', null],
    [1_773_844_200, null],
  ])('reads the time %j as %s', (told, instant) => {
    expect(read({ ended_at: told }).record.ended_at).toBe(instant);
  });

  it.each([
    [0, 0],
    [87.5, 87.5],
    [-1, null],
    [1e308, null],
    [Number('12345678901234567890'), null],
    ['87', null],
  ])('reads the duration %j as %s', (told, seconds) => {
    expect(read({ duration_seconds: told }).record.duration_seconds).toBe(seconds);
  });

  it('does not invent how a call ended', () => {
    expect(
      read({ ended_at: '2026-03-18T14:30:00Z', duration_seconds: 9 }).record.status,
    ).toBeNull();
  });

  it('ignores fields it does not know', () => {
    expect(read({ surplus: { deep: [1] } })).toEqual(read({}));
  });

  it.each([
    ['text', 'Hello.'],
    ['turns', [{ speaker: 'agent', text: 'Hello.', timestamp: 0.4 }]],
    ['an object', { text: 'Hello.' }],
    ['nothing', null],
  ])('keeps a transcript that is %s', (_, transcript) => {
    expect(read({ transcript }).record.transcript).toEqual(transcript);
  });

  it.each([
    ['an outcome', { outcome: 'x'.repeat(257) }, 'outcome'],
    ['a recording URL', { recording_url: `https://h/${'x'.repeat(4_096)}` }, 'recording_url'],
  ])('drops %s that is too long to be one', (_, told, field) => {
    expect(read(told).record).toMatchObject({ [field]: null });
  });

  it('cuts a summary to 32 KiB, between letters', () => {
    const { summary } = read({ summary: `x${'ü'.repeat(20_000)}` }).record;
    expect(summary).toBe(`x${'ü'.repeat(16 * 1024 - 1)}`);
  });

  it('drops a transcript nested too deep to be written again', () => {
    const transcript = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
    expect(read({ transcript, status: 'ended' }).record).toMatchObject({
      status: 'ended',
      transcript: null,
    });
  });

  it('keeps a transcript of 32 KiB of JSON', () => {
    const transcript = 'x'.repeat(32 * 1024 - 2);
    expect(read({ transcript }).record.transcript).toBe(transcript);
  });

  it('returns a longer one by size and digest', () => {
    const transcript = 'ü'.repeat(16 * 1024);
    const json = JSON.stringify(transcript);
    expect(read({ transcript }).record.transcript).toEqual({
      truncated: true,
      bytes: 32 * 1024 + 2,
      sha256: createHash('sha256').update(json).digest('hex'),
    });
  });
});
