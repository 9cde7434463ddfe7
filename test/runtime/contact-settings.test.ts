import { readContactKey, readWorkerConfig } from '../../src/runtime/config';
import { listSettings } from '../../src/runtime/list-settings';

const ENV = { TRUEDY_API_KEY: 'truedy_testkey_0123456789' };
const KEY = '0123456789abcdef';

it('has no contact limits by default', () => {
  expect(readWorkerConfig(ENV)).not.toHaveProperty('contacts');
  expect(readWorkerConfig({ ...ENV, TRUEDY_CONTACT_KEY: KEY })).not.toHaveProperty('contacts');
});

it('reads policy and key', () => {
  const env = { ...ENV, TRUEDY_CONTACT_POLICY: '{"perDay":3}', TRUEDY_CONTACT_KEY: KEY };
  const contacts = { policy: { perDay: 3, timeZone: 'UTC' }, key: KEY };
  expect(readWorkerConfig(env)).toMatchObject({ contacts });
  expect(readContactKey(env)).toBe(KEY);
});

it.each([
  [{ TRUEDY_CONTACT_POLICY: '{}' }, /TRUEDY_CONTACT_KEY is not set, but TRUEDY_CONTACT_POLICY is/],
  [{ TRUEDY_CONTACT_POLICY: '{}', TRUEDY_CONTACT_KEY: 'short' }, /is under 16 characters/],
  [
    { TRUEDY_CONTACT_POLICY: '{"perDay":0,"x":1}', TRUEDY_CONTACT_KEY: KEY },
    /perDay is not a whole number.* · .*x is not a known field/,
  ],
])('reports what is wrong with %j', (settings, problem) => {
  expect(() => readWorkerConfig({ ...ENV, ...settings })).toThrow(problem);
});

it('requires the key for an opt-out', () => {
  expect(() => readContactKey({})).toThrow(/TRUEDY_CONTACT_KEY is not set/);
});

describe('TRUEDY_OPT_OUT_OUTCOMES', () => {
  const read = (value?: string) =>
    readWorkerConfig({ ...ENV, TRUEDY_OPT_OUT_OUTCOMES: value }).optOutOutcomes;

  it('has two words by default', () => {
    expect(read()).toEqual(['opted_out', 'do_not_call']);
  });

  it('is normalized like the words of Truedy', () => {
    expect(read(' Do-Not-Call ,STOP')).toEqual(['do_not_call', 'stop']);
  });

  it.each(['', ' '])('contains no word if it is %j', (value) => {
    expect(read(value)).toEqual([]);
    const [setting] = listSettings({ TRUEDY_OPT_OUT_OUTCOMES: value }).filter(
      ({ name }) => name === 'TRUEDY_OPT_OUT_OUTCOMES',
    );
    expect(setting).toMatchObject({ value, source: 'env', problems: [] });
  });

  it.each([
    ['stop,', /contains an empty word/],
    ['x'.repeat(257), /contains a word of over 256 characters/],
    ['x,'.repeat(50).concat('x'), /contains over 50 words/],
  ])('reports what is wrong with %j', (value, problem) => {
    expect(() => read(value)).toThrow(problem);
  });
});
