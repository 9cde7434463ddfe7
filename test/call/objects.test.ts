import { isObject } from '../../src/call/objects';

it.each([[{}], [{ a: 1 }], [Object.create(null)]])(
  'takes %j for an object with fields',
  (value) => {
    expect(isObject(value)).toBe(true);
  },
);

it.each([null, undefined, 'a', 7, true, [[]], [['a']], () => undefined])(
  'takes %j for none',
  (value) => {
    expect(isObject(value)).toBe(false);
  },
);
