import { PassThrough } from 'node:stream';
import { showProgress } from '../../../src/cli/batch/progress';

const COUNTS = { total: 500, ended: 120, inFlight: 50, unknown: 3 };
const LINE = '120 of 500 ended, 50 in flight, 3 unknown';
const TERM = process.env['TERM'];

beforeEach(() => {
  jest.useFakeTimers();
  process.env['TERM'] = 'xterm';
});
afterEach(() => {
  jest.useRealTimers();
  process.env['TERM'] = TERM;
});

/** What is seen after so many seconds on a stream that is a terminal, or none. */
function shown(isTTY: boolean, { isShared = false, afterMs = 25_000 } = {}): string {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 120 });
  let text = '';
  stream.on('data', (chunk) => {
    text += String(chunk);
  });
  const progress = showProgress(() => COUNTS, isShared, stream as unknown as NodeJS.WriteStream);
  jest.advanceTimersByTime(afterMs);
  progress.stop();
  jest.advanceTimersByTime(60_000);
  stream.end();
  return text;
}

it('is a plain line every ten seconds off a terminal', () => {
  expect(shown(false)).toBe(`${LINE}\n${LINE}\n`);
});

it.each([
  ['shows results, too', { isShared: true }, 'xterm'],
  ['moves nothing', {}, 'dumb'],
])('is plain lines on a terminal that %s', (_, options, term) => {
  process.env['TERM'] = term;
  expect(shown(true, options)).toBe(`${LINE}\n${LINE}\n`);
});

it('is a bar that moves on a terminal, and ends with its line', () => {
  const text = shown(true);
  expect(text).toContain(`[=======                       ] ${LINE}`);
  expect(text).toMatch(/\n$/);
});
