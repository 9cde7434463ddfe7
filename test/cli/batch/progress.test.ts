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

/** The output after some time on a stream that is or is not a terminal. */
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

it('is a plain line every ten seconds if the stream is not a terminal', () => {
  expect(shown(false)).toBe(`${LINE}\n${LINE}\n`);
});

it.each([
  ['also shows results', { isShared: true }, 'xterm'],
  ['cannot move the cursor', {}, 'dumb'],
])('is plain lines on a terminal that %s', (_, options, term) => {
  process.env['TERM'] = term;
  expect(shown(true, options)).toBe(`${LINE}\n${LINE}\n`);
});

it('is a moving bar on a terminal, which ends with a line break', () => {
  const text = shown(true);
  expect(text).toContain(`[=======                       ] ${LINE}`);
  expect(text).toMatch(/\n$/);
});
