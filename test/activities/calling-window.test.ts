import * as fc from 'fast-check';
import { isOpen, nextOpening, nextOpeningMs } from '../../src/activities/calling-window';
import type { CallWindow } from '../../src/call/input';

const MINUTE = 60_000;
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

// Daylight saving time of one hour, half an hour and two hours; none; odd offsets; across the date line.
const ZONES = [
  'Africa/Casablanca',
  'Africa/Johannesburg',
  'Africa/Lagos',
  'America/Caracas',
  'America/Chicago',
  'America/Denver',
  'America/Halifax',
  'America/Los_Angeles',
  'America/New_York',
  'America/Nuuk',
  'America/Sao_Paulo',
  'America/St_Johns',
  'Antarctica/Troll',
  'Asia/Dubai',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Asia/Manila',
  'Asia/Tokyo',
  'Australia/Adelaide',
  'Australia/Lord_Howe',
  'Australia/Sydney',
  'Europe/Berlin',
  'Europe/Dublin',
  'Europe/Istanbul',
  'Europe/Lisbon',
  'Europe/London',
  'Europe/Moscow',
  'Pacific/Auckland',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
];

function ms(iso: string): number {
  return Date.parse(iso);
}

function opening(window: CallWindow, after: string): string {
  return new Date(nextOpeningMs(window, ms(after))).toISOString();
}

/** The local time of a zone by `Intl`, which the code under test does not use. */
function wallClock(timeZone: string) {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (atMs: number) => {
    const parts = Object.fromEntries(
      format.formatToParts(atMs).map(({ type, value }) => [type, value]),
    );
    return {
      weekday: DAYS.indexOf(String(parts['weekday'])) + 1,
      time: `${parts['hour']}:${parts['minute']}`,
    };
  };
}

function isInside({ days, from, to }: CallWindow, at: { weekday: number; time: string }): boolean {
  return (days?.includes(at.weekday) ?? true) && at.time >= from && at.time < to;
}

/** Finds the first opening minute by minute. */
function reckoned(window: CallWindow, afterMs: number): number {
  const clock = wallClock(window.timeZone);
  if (isInside(window, clock(afterMs))) return afterMs;
  let atMs = Math.ceil(afterMs / MINUTE) * MINUTE;
  while (!isInside(window, clock(atMs))) atMs += MINUTE;
  return atMs;
}

describe('isOpen', () => {
  const window = { timeZone: 'America/New_York', days: [1, 2], from: '09:00', to: '18:00' };
  it.each([
    ['just before it begins', '2026-12-01T13:59:59.999Z', false],
    ['when it begins', '2026-12-01T14:00:00.000Z', true],
    ['just before it ends', '2026-12-01T22:59:59.999Z', true],
    ['when it ends', '2026-12-01T23:00:00.000Z', false],
    ['on another day there', '2026-12-02T15:00:00.000Z', false],
    ['on its day there, though not at Greenwich', '2026-12-02T04:00:00.000Z', false],
  ])('%s', (_, at, open) => {
    expect(isOpen(window, ms(at))).toBe(open);
  });

  it('is true every day when no days are named', () => {
    const daily = { timeZone: 'America/New_York', from: '09:00', to: '18:00' };
    for (let day = 1; day <= 7; day += 1) {
      expect(isOpen(daily, ms(`2026-12-0${day}T15:00:00Z`))).toBe(true);
    }
  });

  it('returns the days by the place of the person called', () => {
    const sunday = { timeZone: 'Pacific/Auckland', days: [7], from: '08:00', to: '09:00' };
    expect(isOpen(sunday, ms('2026-12-05T19:30:00Z'))).toBe(true);
  });
});

describe('nextOpening', () => {
  it('returns the instant, and what a clock there shows then', async () => {
    const window = { timeZone: 'America/New_York', days: [1], from: '09:00', to: '18:00' };
    expect(await nextOpening(window, Date.parse('2026-11-21T02:14:07Z'))).toEqual({
      atMs: Date.parse('2026-11-23T14:00:00Z'),
      there: 'Mon 23 Nov 09:00 America/New_York',
    });
  });
});

describe('nextOpeningMs', () => {
  const BERLIN = { timeZone: 'Europe/Berlin', from: '09:00', to: '18:00' };

  it.each([
    [
      'is the instant itself while open',
      BERLIN,
      '2026-12-01T10:00:00.123Z',
      '2026-12-01T10:00:00.123Z',
    ],
    ['lies later on the same day', BERLIN, '2026-12-01T03:00:00.123Z', '2026-12-01T08:00:00.000Z'],
    ['lies on the next day', BERLIN, '2026-12-01T17:00:00Z', '2026-12-02T08:00:00.000Z'],
    [
      'lies on the next day named',
      { ...BERLIN, days: [5] },
      '2026-12-01T10:00:00Z',
      '2026-12-04T08:00:00.000Z',
    ],
    [
      'lies a week ahead',
      { ...BERLIN, days: [2] },
      '2026-12-01T17:00:00Z',
      '2026-12-08T08:00:00.000Z',
    ],
    [
      'is earlier by Greenwich once summer time began',
      BERLIN,
      '2026-03-28T18:00:00Z',
      '2026-03-29T07:00:00.000Z',
    ],
    [
      'is later by Greenwich once it ended',
      BERLIN,
      '2026-10-24T18:00:00Z',
      '2026-10-25T08:00:00.000Z',
    ],
  ])('%s', (_, window, after, opens) => {
    expect(opening(window, after)).toBe(opens);
  });

  describe('when the clock jumps forward', () => {
    it('passes over a day whose hour is missing', () => {
      const window = { timeZone: 'Europe/Berlin', from: '02:00', to: '02:30' };
      expect(opening(window, '2026-03-28T12:00:00Z')).toBe('2026-03-30T00:00:00.000Z');
    });

    it('begins when the missing hour is over', () => {
      const window = { timeZone: 'Europe/Berlin', from: '02:30', to: '05:00' };
      expect(opening(window, '2026-03-28T12:00:00Z')).toBe('2026-03-29T01:00:00.000Z');
    });

    it('begins with a day that has no midnight', () => {
      const window = { timeZone: 'Africa/Cairo', from: '00:00', to: '01:30' };
      expect(opening(window, '2026-04-23T12:00:00Z')).toBe('2026-04-23T22:00:00.000Z');
    });

    it('knows a jump of half an hour', () => {
      const window = { timeZone: 'Australia/Lord_Howe', from: '02:15', to: '03:00' };
      expect(opening(window, '2026-10-03T12:00:00Z')).toBe('2026-10-03T15:30:00.000Z');
    });

    it('passes over a day that the date line swallowed', () => {
      const window = { timeZone: 'Pacific/Apia', days: [5], from: '09:00', to: '10:00' };
      expect(opening(window, '2011-12-29T12:00:00Z')).toBe('2012-01-05T19:00:00.000Z');
    });
  });

  describe('when the clock jumps back', () => {
    const twice = { timeZone: 'Europe/Berlin', from: '02:00', to: '02:30' };

    it('begins with the first of the two hours', () => {
      expect(opening(twice, '2026-10-24T12:00:00Z')).toBe('2026-10-25T00:00:00.000Z');
    });

    it('begins again with the second', () => {
      expect(opening(twice, '2026-10-25T00:30:00Z')).toBe('2026-10-25T01:00:00.000Z');
    });

    it('begins on the next day after both', () => {
      expect(opening(twice, '2026-10-25T01:30:00Z')).toBe('2026-10-26T01:00:00.000Z');
    });

    it('begins with the first of two last hours of a day', () => {
      const window = { timeZone: 'Asia/Beirut', from: '23:00', to: '23:30' };
      expect(opening(window, '2026-10-24T12:00:00Z')).toBe('2026-10-24T20:00:00.000Z');
    });
  });

  const minute = fc.integer({ min: 0, max: 24 * 60 - 1 });
  const clock = (minutes: number) =>
    `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  const windows = fc
    .record({
      timeZone: fc.constantFrom(...ZONES),
      bounds: fc.tuple(minute, minute).filter(([a, b]) => a !== b),
      days: fc.option(fc.subarray([1, 2, 3, 4, 5, 6, 7], { minLength: 1 }), { nil: undefined }),
    })
    .map(({ timeZone, bounds: [a, b], days }): CallWindow => ({
      timeZone,
      from: clock(Math.min(a, b)),
      to: clock(Math.max(a, b)),
      ...(days && { days }),
    }));
  const instants = fc.integer({ min: ms('2020-01-01T00:00:00Z'), max: ms('2030-01-01T00:00:00Z') });

  it('returns open and closed as Intl does, at any instant', () => {
    fc.assert(
      fc.property(windows, instants, (window, atMs) => {
        expect(isOpen(window, atMs)).toBe(isInside(window, wallClock(window.timeZone)(atMs)));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is the first open instant, reckoned minute by minute', () => {
    fc.assert(
      fc.property(windows, instants, (window, afterMs) => {
        expect(nextOpeningMs(window, afterMs)).toBe(reckoned(window, afterMs));
      }),
      { numRuns: 60 },
    );
  });

  it.each(ZONES.map((timeZone) => [timeZone]))(
    'is so around every change of clocks in %s',
    (timeZone) => {
      const offset = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
      const offsetAt = (atMs: number) =>
        offset.formatToParts(atMs).find(({ type }) => type === 'timeZoneName')?.value;
      const HOUR = 60 * MINUTE;
      for (let atMs = ms('2026-01-01T00:00:00Z'); atMs < ms('2027-01-01T00:00:00Z'); atMs += HOUR) {
        if (offsetAt(atMs) === offsetAt(atMs + HOUR)) continue;
        for (const [from, to] of [
          ['00:10', '00:20'],
          ['01:15', '01:45'],
          ['02:15', '02:45'],
          ['23:10', '23:20'],
        ] as const) {
          const window = { timeZone, from, to };
          for (const afterMs of [atMs - 20 * HOUR, atMs - HOUR, atMs, atMs + HOUR]) {
            expect(nextOpeningMs(window, afterMs)).toBe(reckoned(window, afterMs));
          }
        }
      }
    },
  );
});

describe('a zone that changes its clock at midnight', () => {
  const hours = (timeZone: string, from: string, to: string): CallWindow => ({
    timeZone,
    from,
    to,
  });
  const opening = (window: CallWindow, after: string) =>
    new Date(nextOpeningMs(window, Date.parse(after))).toISOString();

  it.each([
    ['America/Santiago', '09:00', '18:00', '2026-09-06T02:00:00Z', '2026-09-06T12:00:00.000Z'],
    ['Asia/Beirut', '09:00', '09:30', '2026-03-28T16:00:00Z', '2026-03-29T06:00:00.000Z'],
    ['America/Havana', '00:00', '00:30', '2026-10-31T16:00:00Z', '2026-11-01T04:00:00.000Z'],
  ])('opens in %s from %s to %s as the clock there says', (zone, from, to, after, opens) => {
    expect(opening(hours(zone, from, to), after)).toBe(opens);
  });
});
