import { isUnreadable, unreadable } from '../../src/call/unreadable';

describe('unreadable', () => {
  it('is recognized after a round through JSON', () => {
    expect(isUnreadable(JSON.parse(JSON.stringify(unreadable('binary/encrypted'))))).toBe(true);
  });

  it('tells the encoding, of plain characters alone', () => {
    expect(unreadable('binary/encrypted-v1.2')).toEqual({
      unreadablePayload: { encoding: 'binary/encrypted-v1.2' },
    });
    expect(unreadable('a b\n<é>')).toEqual({ unreadablePayload: { encoding: 'a?b????' } });
  });

  it('tells at most 64 characters of it', () => {
    expect(unreadable('x'.repeat(1_000)).unreadablePayload.encoding).toBe('x'.repeat(64));
  });

  it.each([null, undefined, 'unreadablePayload', 1, {}, []])('is not %j', (value) => {
    expect(isUnreadable(value)).toBe(false);
  });
});
