import { isObject, isUnreadable, unreadable } from '../../src/call/untrusted-values';

describe('isObject', () => {
  it.each([[{}], [{ a: 1 }], [Object.create(null)]])('is true for %j', (value) => {
    expect(isObject(value)).toBe(true);
  });

  it.each([null, undefined, 'a', 7, true, [[]], [['a']], () => undefined])(
    'is false for %j',
    (value) => {
      expect(isObject(value)).toBe(false);
    },
  );
});

describe('unreadable', () => {
  it('is recognized after a round trip through JSON', () => {
    expect(isUnreadable(JSON.parse(JSON.stringify(unreadable('binary/encrypted'))))).toBe(true);
  });

  it('contains the encoding, with other characters replaced', () => {
    expect(unreadable('binary/encrypted-v1.2')).toEqual({
      unreadablePayload: { encoding: 'binary/encrypted-v1.2' },
    });
    expect(unreadable('a b\n<é>')).toEqual({ unreadablePayload: { encoding: 'a?b????' } });
  });

  it('contains at most 64 characters of the encoding', () => {
    expect(unreadable('x'.repeat(1_000)).unreadablePayload.encoding).toBe('x'.repeat(64));
  });

  it.each([null, undefined, 'unreadablePayload', 1, {}, []])('is not %j', (value) => {
    expect(isUnreadable(value)).toBe(false);
  });
});
