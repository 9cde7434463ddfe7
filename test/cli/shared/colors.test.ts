import { colorsFor } from '../../../src/cli/shared/colors';

const TERMINAL = { isTTY: true };

it.each([
  ['on a terminal', 'auto', TERMINAL, {}, true],
  ['without a terminal', 'auto', {}, {}, false],
  ['without a terminal, in CI', 'auto', {}, { CI: 'true' }, false],
  ['on a terminal, in CI', 'auto', TERMINAL, { CI: 'true' }, false],
  ['on a terminal with NO_COLOR', 'auto', TERMINAL, { NO_COLOR: '1' }, false],
  ['on a dumb terminal', 'auto', TERMINAL, { TERM: 'dumb' }, false],
  ['without a terminal, with always', 'always', {}, { NO_COLOR: '1' }, true],
  ['on a terminal, with never', 'never', TERMINAL, {}, false],
] as const)('tells whether to paint %s', (_, when, stream, env, expected) => {
  expect(colorsFor(when, stream, env).isColorSupported).toBe(expected);
});
