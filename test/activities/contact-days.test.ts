import { contactSpans } from '../../src/activities/contact-days';

const HOUR = 3_600_000;

/** The span that contains the instant, as ISO 8601 and hours. */
function spanAt(kind: 'days' | 'weeks', zone: string, at: string): readonly unknown[] {
  const atMs = Date.parse(at);
  const spans = contactSpans(zone, atMs)[kind];
  return spans
    .filter(({ startMs, endMs }) => startMs <= atMs && atMs < endMs)
    .map(({ startMs, endMs }) => [new Date(startMs).toISOString(), (endMs - startMs) / HOUR]);
}

it.each([
  ['UTC', '2026-12-01T09:00:00Z', '2026-12-01T00:00:00.000Z', 24],
  ['America/New_York', '2026-03-08T12:00:00Z', '2026-03-08T05:00:00.000Z', 23],
  ['America/New_York', '2026-11-01T20:00:00Z', '2026-11-01T04:00:00.000Z', 25],
  ['Australia/Lord_Howe', '2026-04-05T00:00:00Z', '2026-04-04T13:00:00.000Z', 24.5],
  // The clock is set back from 01:00 to 00:00: midnight occurs twice, and the day begins at the first one.
  ['America/Havana', '2026-11-01T20:00:00Z', '2026-11-01T04:00:00.000Z', 25],
  // The clock is set forward from 00:00 to 01:00: the day has no midnight.
  ['America/Havana', '2026-03-08T20:00:00Z', '2026-03-08T05:00:00.000Z', 23],
  ['Africa/Cairo', '2026-04-24T12:00:00Z', '2026-04-23T22:00:00.000Z', 23],
  // The clock is set back from 24:00 to 23:00.
  ['Africa/Cairo', '2026-10-29T12:00:00Z', '2026-10-28T21:00:00.000Z', 25],
  ['Asia/Kathmandu', '2026-12-01T18:20:00Z', '2026-12-01T18:15:00.000Z', 24],
])('finds the day in %s at %s', (zone, at, start, hours) => {
  expect(spanAt('days', zone, at)).toEqual([[start, hours]]);
});

it('lets two days overlap if the clock is set back over midnight', () => {
  // Until 2011 the clock of St. John's was set back from 00:01 to 23:01.
  const spans = spanAt('days', 'America/St_Johns', '2010-11-07T02:45:00Z');
  expect(spans).toEqual([
    ['2010-11-06T02:30:00.000Z', 25 + 1 / 60 - 1 / 60],
    ['2010-11-07T02:30:00.000Z', 25],
  ]);
});

it('leaves out a day that a zone skipped', () => {
  const { days } = contactSpans('Pacific/Apia', Date.parse('2011-12-30T05:00:00Z'));
  expect(days.map(({ startMs, endMs }) => (endMs - startMs) / HOUR)).toEqual([24, 24]);
});

it.each([
  ['America/New_York', '2026-03-08T12:00:00Z', '2026-03-02T05:00:00.000Z', 167],
  ['America/New_York', '2026-11-01T20:00:00Z', '2026-10-26T04:00:00.000Z', 169],
  ['UTC', '2026-12-06T23:59:59Z', '2026-11-30T00:00:00.000Z', 168],
])('finds the week in %s at %s, from Monday', (zone, at, start, hours) => {
  expect(spanAt('weeks', zone, at)).toEqual([[start, hours]]);
});
