import { invalidKey } from '../../src/call/call-key';

const input = { call: { phone_number: '+14155550101' } };

describe('a key', () => {
  it.each([
    ['123456', '+14155550101'],
    ['order-4155550101-2', '+14155550102'],
    ['v2.1-2026', '+14155550101'],
    ['order-4711', '4711'],
  ])('such as %s shows no number, beside the number %s', (key, number) => {
    expect(invalidKey(key, { call: { phone_number: number } })).toBeUndefined();
  });

  it.each([
    ['1234567', undefined],
    ['+44-20-7946-0000', undefined],
    ['(415).555.0101', undefined],
    ['order-14155550101', '+14155550101'],
    ['order-1234567-x', '1234567'],
  ])('such as %s shows a number, beside the number %s', (key, number) => {
    expect(invalidKey(key, { call: { phone_number: number } })).toMatchObject({
      message: expect.stringContaining('such as order-4711'),
    });
  });

  it.each(['order-4711', 'call/order-4711', 'x'.repeat(995)])('can be %s', (key) => {
    expect(invalidKey(key, input)).toBeUndefined();
  });

  it.each(['', 'call/', 'order 4711', 'ördre', 'x'.repeat(996), '14155550101', 7, null, undefined])(
    'cannot be %j, and the failure does not quote it',
    (key) => {
      const failure = invalidKey(key, input);
      expect(failure).toMatchObject({
        type: 'InvalidInput',
        message: expect.stringMatching(/^InvalidInput: key must be /),
        details: [[{ path: 'key', problem: expect.stringMatching(/^must be /) }]],
      });
      if (typeof key === 'string' && key !== '' && key !== 'call/') {
        expect(JSON.stringify(failure)).not.toContain(key);
      }
    },
  );

  it.each([undefined, null, 7, {}, { call: null }])('is checked beside the input %j', (other) => {
    expect(invalidKey('order-4711', other)).toBeUndefined();
  });
});
