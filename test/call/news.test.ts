import * as fc from 'fast-check';
import { isNudge, recordOf, toNews } from '../../src/call/news';
import { isCompleteEnding } from '../../src/call/snapshot';
import { record } from './support/records';

const CALL = record({ id: 'call_1', status: 'ended', duration_seconds: 9 });
const EVENT = { event: 'call.ended', ids: ['call_1'], receivedAt: '2026-12-01T09:00:00.000Z' };

describe('toNews', () => {
  it('takes an event as the bridge sends it', () => {
    const whole = { ...EVENT, deliveryId: 'evt_1', attempt: 2, reason: 'hangup', call: CALL };
    expect(toNews(whole)).toEqual(whole);
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
  ])('takes no event from %j', (sent) => {
    expect(toNews(sent)).toBeUndefined();
  });

  it.each([
    ['deliveryId', 7],
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
  ])('drops %s where it is %j', (field, value) => {
    expect(toNews({ ...EVENT, [field]: value })).toEqual(EVENT);
  });

  it('drops ids that are no text', () => {
    expect(toNews({ ...EVENT, ids: ['a', 1, null, 'b'] })?.ids).toEqual(['a', 'b']);
    expect(toNews({ ...EVENT, ids: 'a' })?.ids).toEqual([]);
  });

  it('takes no number, variable or other field into the record', () => {
    const sent = { ...CALL, phone_number: '+14155550101', variables: { first_name: 'Zoë' } };
    expect(toNews({ ...EVENT, call: sent })?.call).toEqual(CALL);
  });

  it('throws at nothing, and its call is always a complete ending', () => {
    fc.assert(
      fc.property(fc.anything(), fc.object(), (sent, call) => {
        expect(() => toNews(sent)).not.toThrow();
        const read = toNews({ ...EVENT, call })?.call;
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
  ])('of a bare %s has the status %s', (event, status) => {
    expect(recordOf({ ...EVENT, event })).toEqual(record({ status } as never));
  });

  it('is the call where the event holds one', () => {
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
  ])('of a bare %s is %s', (event, nudge) => {
    expect(isNudge({ ...EVENT, event })).toBe(nudge);
  });

  it('is no event that holds its call', () => {
    expect(isNudge({ ...EVENT, call: CALL })).toBe(false);
  });
});
