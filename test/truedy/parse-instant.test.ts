import * as fc from 'fast-check';
import { parseInstantMs } from '../../src/truedy/parse-instant';

describe('parseInstantMs', () => {
  it('reads what `toISOString` writes, with and without its zone', () => {
    const years = { min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true };
    fc.assert(
      fc.property(fc.date(years), (date) => {
        expect(parseInstantMs(date.toISOString())).toBe(date.getTime());
        expect(parseInstantMs(date.toISOString().replace('Z', ''))).toBe(date.getTime());
      }),
    );
  });

  it.each([
    '2026-03-18T14:30Z',
    '2026-03-18 14:30:00',
    '2026-03-18t14:30:00.000000z',
    '2026-03-18T16:30:00+02:00',
    '2026-03-18T16:30:00+0200',
    '2026-03-18T16:30:00+02',
    '2026-03-18T09:00:00-05:30',
  ])('reads %s', (text) => {
    expect(parseInstantMs(text)).toBe(Date.UTC(2026, 2, 18, 14, 30));
  });

  it.each([
    '',
    'call 5',
    '12',
    '1773844200',
    '2026-03-18',
    '2026-03-00T00:00:00Z',
    'at 2026-03-18T14:30:00Z',
    '2026-02-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-03-18T25:00:00Z',
    '2026-03-18T14:60:00Z',
    '2026-03-18T14:30:00+99:00',
    '2026-03-18T14:30:00Z\n',
    'Wed, 18 Mar 2026 14:30:00 GMT',
  ])('reads nothing from %j', (text) => {
    expect(parseInstantMs(text)).toBeNaN();
  });
});
