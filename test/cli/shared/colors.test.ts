import { colorsFor } from '../../../src/cli/shared/colors';

const TERMINAL = { isTTY: true };

it.each([
  ['on a terminal', 'auto', TERMINAL, {}, true],
  ['off a terminal', 'auto', {}, {}, false],
  ['off a terminal under CI', 'auto', {}, { CI: 'true' }, false],
  ['on a terminal under CI', 'auto', TERMINAL, { CI: 'true' }, false],
  ['on a terminal where NO_COLOR is set', 'auto', TERMINAL, { NO_COLOR: '1' }, false],
  ['on a terminal that can do little', 'auto', TERMINAL, { TERM: 'dumb' }, false],
  ['off a terminal where it is asked for', 'always', {}, { NO_COLOR: '1' }, true],
  ['on a terminal where it is refused', 'never', TERMINAL, {}, false],
] as const)('tells whether to paint %s', (_, when, stream, env, expected) => {
  expect(colorsFor(when, stream, env).isColorSupported).toBe(expected);
});
