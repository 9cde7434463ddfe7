import { invalidKey } from '../../src/call/call-key';

const input = { call: { phone_number: '+14155550101' } };

describe('a key', () => {
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
