import * as fc from 'fast-check';
import { durationMs, scaledMs, spanText } from '../../../src/call/text/duration';

describe('durationMs', () => {
  it.each([
    ['0s', 0],
    ['30s', 30_000],
    ['330s', 330_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['30d', 2_592_000_000],
    ['007s', 7_000],
  ])('parses %s', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  it.each([
    '',
    's',
    '5',
    '5 m',
    ' 5m',
    '5m ',
    '5m\n',
    '-5m',
    '+5m',
    '1.5h',
    '1h30m',
    '5M',
    '5w',
    '٥m',
  ])('rejects %j', (text) => {
    expect(durationMs(text)).toBeUndefined();
  });

  it.each(['5constructor', '5toString'])('rejects the unit of %j', (text) => {
    expect(durationMs(text)).toBeUndefined();
  });

  it('increases with the number', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.constantFrom('s', 'm', 'h', 'd'), (a, b, unit) => {
        const [less, more] = a < b ? [a, b] : [b, a];
        expect(durationMs(`${less}${unit}`)).toBeLessThanOrEqual(
          durationMs(`${more}${unit}`) ?? -1,
        );
      }),
    );
  });
});

describe('scaledMs', () => {
  it.each([
    [60_000, 1, 60_000],
    [60_000, 30, 2_000],
    [1_000, 7, 143],
    [1, 1_000, 1],
    [0, 7, 0],
  ])('divides %i ms by %i into %i whole ms, never less than the quotient', (ms, scale, scaled) => {
    expect(scaledMs(ms, scale)).toBe(scaled);
  });
});

describe('spanText', () => {
  it.each([
    [-5_000, '0 s'],
    [0, '0 s'],
    [4_000, '4 s'],
    [119_000, '119 s'],
    [120_000, '2 min'],
    [119 * 60_000, '119 min'],
    [120 * 60_000, '2 h'],
    [3 * 3_600_000, '3 h'],
    [200 * 60_000, '3 h 20 min'],
    [47 * 3_600_000, '47 h'],
    [48 * 3_600_000, '2 d'],
    [59 * 3_600_000, '2 d 11 h'],
  ])('formats %d ms as %s', (ms, text) => {
    expect(spanText(ms)).toBe(text);
  });
});
