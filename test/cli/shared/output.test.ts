import { toLines } from '../../../src/cli/doctor/finding';
import { colorsFor } from '../../../src/cli/shared/colors';
import { note, print, printError } from '../../../src/cli/shared/output';
import { KnownError } from '../../../src/runtime/process';

/** Clears the screen in 7 and 8 bits, sets the title of the window, rubs out, reverses what is read. */
const STEERING = '\u001b[2J\u009b2J\u001b]0;title\u0007\r\u007f\u202e\u2066';
const RAW = /(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

/** What is written while something is told, to both streams. */
function written(act: () => void): string {
  let text = '';
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    jest.spyOn(process[name], 'write').mockImplementation((chunk) => {
      text += String(chunk);
      return true;
    }),
  );
  act();
  for (const spy of spies) spy.mockRestore();
  return text;
}

it.each([
  ['text', () => print('text', null, `a${STEERING}z`)],
  ['a remark', () => note(`a${STEERING}z`)],
  ['an error', () => printError('text', new KnownError(`TT1  a${STEERING}z`, 2))],
  ['a bug', () => printError('text', new Error(`a${STEERING}z`))],
  ['JSON', () => print('json', { id: `a${STEERING}z` }, '')],
  ['lines of JSON', () => print('jsonl', { id: `a${STEERING}z` }, '')],
  ['an error as JSON', () => printError('json', new KnownError(`TT1001  a${STEERING}z`, 2))],
])('shows what would steer a terminal, and never sends it: %s', (_, act) => {
  const text = written(act);
  expect(text).not.toMatch(RAW);
  expect(text).toMatch(/a\\(x1b|u001b)\[2J/);
});

it('keeps lines, tabs and JSON as they are', () => {
  expect(written(() => print('text', null, 'a\n\tb ü'))).toBe('a\n\tb ü\n');
  const value = { id: `a${STEERING}z` };
  expect(JSON.parse(written(() => print('json', value, '')))).toEqual(value);
});

it('keeps colors of ours alone', () => {
  const paint = colorsFor('always');
  const painted = toLines({ check: 'Vendor', mark: 'ok', seen: `a${STEERING}z` }, paint);
  const text = written(() => print('text', null, { painted }));
  expect(text).toContain(paint.green('✓'));
  expect(text.replaceAll(paint.green('✓'), '')).not.toMatch(RAW);
});
