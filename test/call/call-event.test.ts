import * as fc from 'fast-check';
import { isNudge, recordOf, readEvent } from '../../src/call/call-event';
import { isCompleteEnding } from '../../src/call/call-record';
import { record } from './support/records';

const CALL = record({ id: 'call_1', status: 'ended', duration_seconds: 9 });
const EVENT = { event: 'call.ended', ids: ['call_1'], receivedAt: '2026-12-01T09:00:00.000Z' };

describe('readEvent', () => {
  it('reads an event as the bridge sends it', () => {
    const whole = {
      ...EVENT,
      deliveryId: 'evt_1',
      attempt: 2,
      callId: 'call_1',
      reason: 'hangup',
      call: CALL,
    };
    expect(readEvent(whole)).toEqual(whole);
  });

  it.each([
    undefined,
    null,
    7,
    'call.ended',
    [],
    ['call.ended'],
    {},
    { event: 7 },
    { event: null },
  ])('reads no event from %j', (sent) => {
    expect(readEvent(sent)).toBeUndefined();
  });

  it.each([
    ['deliveryId', 7],
    ['callId', 7],
    ['callId', '../agents'],
    ['callId', 'call_1 '],
    ['callId', ''],
    ['callId', 'x'.repeat(129)],
    ['attempt', '1'],
    ['attempt', null],
    ['reason', {}],
    ['call', 'ended'],
    ['call', []],
    ['call', null],
    ['call', {}],
    ['call', { status: 'exploded', duration_seconds: 9 }],
    ['call', { status: 'ended' }],
    ['call', { status: 'ringing', duration_seconds: 9 }],
    ['call', { status: 'ended', duration_seconds: -1 }],
    ['call', { status: 'ended', duration_seconds: '9' }],
    ['surplus', 'x'],
  ])('drops %s if it is %j', (field, value) => {
    expect(readEvent({ ...EVENT, [field]: value })).toStrictEqual(EVENT);
  });

  it('drops ids that are not strings', () => {
    expect(readEvent({ ...EVENT, ids: ['a', 1, null, 'b'] })?.ids).toEqual(['a', 'b']);
    expect(readEvent({ ...EVENT, ids: 'a' })?.ids).toEqual([]);
  });

  it('keeps at most eight ids', () => {
    const ids = Array.from({ length: 20 }, (_, index) => `call_${index}`);
    expect(readEvent({ ...EVENT, ids })?.ids).toEqual(ids.slice(0, 8));
  });

  it('has an empty time if the time is not a string', () => {
    expect(readEvent({ ...EVENT, receivedAt: 7 })?.receivedAt).toBe('');
  });

  it.each([
    ['the same digest', 'd1', 'd1', { number: 'ours' }],
    ['another digest', 'd2', 'd1', { number: 'other' }],
    ['no digest', undefined, 'd1', {}],
    ['a digest that is not a string', 7, 'd1', {}],
    ['a digest, if ours is unknown', 'd1', undefined, {}],
  ])('compares its number by %s', (_, numberDigest, ourDigest, match) => {
    expect(readEvent({ ...EVENT, numberDigest }, ourDigest)).toStrictEqual({ ...EVENT, ...match });
  });

  it('keeps every field of an ended call', () => {
    const call = {
      id: 'call_1',
      status: 'ended',
      agent_id: 'agent_1',
      from_number: '+14155550100',
      duration_seconds: 0,
      outcome: 'busy',
      summary: 'Nobody was there.',
      transcript: [{ role: 'agent', text: 'Hello?' }],
      recording_url: 'https://truedy.example/1',
      created_at: '2026-12-01T09:00:00.000Z',
      started_at: '2026-12-01T09:00:01.000Z',
      ended_at: '2026-12-01T09:00:02.000Z',
    };
    expect(readEvent({ ...EVENT, call })?.call).toEqual(call);
  });

  it('drops numbers, variables and other fields of the record', () => {
    const sent = { ...CALL, phone_number: '+14155550101', variables: { first_name: 'Zoë' } };
    expect(readEvent({ ...EVENT, call: sent })?.call).toEqual(CALL);
  });

  it('never throws, and returns only calls that are complete', () => {
    fc.assert(
      fc.property(fc.anything(), fc.object(), (sent, call) => {
        expect(() => readEvent(sent)).not.toThrow();
        const read = readEvent({ ...EVENT, call })?.call;
        expect(read === undefined || isCompleteEnding(read)).toBe(true);
      }),
    );
  });
});

describe('recordOf', () => {
  it.each([
    ['call.started', 'ringing'],
    ['call.joined', 'in_progress'],
    ['call.ended', null],
    ['call.failed', null],
    ['call.billed', null],
    ['constructor', null],
  ])('of %s without a call has the status %s', (event, status) => {
    expect(recordOf({ ...EVENT, event })).toEqual(record({ status } as never));
  });

  it('is the call of the event, if it has one', () => {
    expect(recordOf({ ...EVENT, event: 'call.started', call: CALL })).toEqual(CALL);
  });
});

describe('isNudge', () => {
  it.each([
    ['call.ended', true],
    ['call.completed', true],
    ['call.failed', true],
    ['call.started', false],
    ['call.joined', false],
    ['call.billed', false],
  ])('of %s without a call is %s', (event, nudge) => {
    expect(isNudge({ ...EVENT, event })).toBe(nudge);
  });

  it('is false for an event with its call', () => {
    expect(isNudge({ ...EVENT, call: CALL })).toBe(false);
  });
});
