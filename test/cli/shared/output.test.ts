import { toLines } from '../../../src/cli/doctor/finding';
import { colorsFor } from '../../../src/cli/shared/colors';
import { note, print, printError } from '../../../src/cli/shared/output';
import { KnownError } from '../../../src/runtime/process';

/** Clears the screen (7-bit and 8-bit), sets the window title, deletes, and reverses the text direction. */
const CONTROLS = '\u001b[2J\u009b2J\u001b]0;title\u0007\r\u007f\u202e\u2066';
const RAW = /(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

/** The text that a function writes to stdout and stderr. */
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
  ['text', () => print('text', null, `a${CONTROLS}z`)],
  ['a note', () => note(`a${CONTROLS}z`)],
  ['an error', () => printError('text', new KnownError(`TT1  a${CONTROLS}z`, 2))],
  ['a bug', () => printError('text', new Error(`a${CONTROLS}z`))],
  ['JSON', () => print('json', { id: `a${CONTROLS}z` }, '')],
  ['lines of JSON', () => print('jsonl', { id: `a${CONTROLS}z` }, '')],
  ['an error as JSON', () => printError('json', new KnownError(`TT1001  a${CONTROLS}z`, 2))],
])('escapes terminal control characters: %s', (_, act) => {
  const text = written(act);
  expect(text).not.toMatch(RAW);
  expect(text).toMatch(/a\\(x1b|u001b)\[2J/);
});

it('does not change line breaks, tabs and JSON', () => {
  expect(written(() => print('text', null, 'a\n\tb ü'))).toBe('a\n\tb ü\n');
  const value = { id: `a${CONTROLS}z` };
  expect(JSON.parse(written(() => print('json', value, '')))).toEqual(value);
});

it('keeps our own colors, and no others', () => {
  const paint = colorsFor('always');
  const painted = toLines({ check: 'Vendor', mark: 'ok', seen: `a${CONTROLS}z` }, paint);
  const text = written(() => print('text', null, { painted }));
  expect(text).toContain(paint.green('✓'));
  expect(text.replaceAll(paint.green('✓'), '')).not.toMatch(RAW);
});
