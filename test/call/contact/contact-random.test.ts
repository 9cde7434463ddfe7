import * as fc from 'fast-check';
import { DateTime } from 'luxon';
import { contactSpans } from '../../../src/activities/contact-days';
import { NEW_CONTACT, type Contact, type ContactAsk } from '../../../src/call/contact/contact';
import { confirm, release } from '../../../src/call/contact/settle';
import { reserve } from '../../../src/call/contact/reserve';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SEND_WITHIN = 30_000;
const LEASE = 2 * HOUR;

const ZONES = [
  'Africa/Cairo',
  'Africa/Casablanca',
  'Africa/Johannesburg',
  'America/Asuncion',
  'America/Caracas',
  'America/Chicago',
  'America/Havana',
  'America/Los_Angeles',
  'America/New_York',
  'America/Nuuk',
  'America/Santiago',
  'America/Sao_Paulo',
  'America/Scoresbysund',
  'America/St_Johns',
  'Antarctica/Troll',
  'Asia/Beirut',
  'Asia/Gaza',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Asia/Tehran',
  'Asia/Tokyo',
  'Atlantic/Azores',
  'Australia/Adelaide',
  'Australia/Lord_Howe',
  'Europe/Berlin',
  'Europe/London',
  'Pacific/Apia',
  'Pacific/Auckland',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
];

/** Clock changes of these zones, and days without any. St. John's had one just after midnight until 2011. */
const STARTS = [
  '2010-11-06T12:00:00Z',
  '2011-12-28T12:00:00Z',
  '2026-03-07T12:00:00Z',
  '2026-03-28T12:00:00Z',
  '2026-04-03T12:00:00Z',
  '2026-10-24T12:00:00Z',
  '2026-10-28T12:00:00Z',
  '2026-10-31T12:00:00Z',
  '2026-12-30T12:00:00Z',
].map(Date.parse);

interface Step {
  readonly afterMs: number;
  readonly zone: number;
  /** Of the time in which the request can be sent. */
  readonly sentAfter: number;
  readonly end: 'confirm' | 'release' | 'terminate' | 'ask again';
  readonly lastsMs: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  afterMs: fc.oneof(fc.integer({ min: 0, max: MINUTE }), fc.integer({ min: 0, max: 8 * HOUR })),
  zone: fc.nat({ max: 1 }),
  sentAfter: fc.double({ min: 0, max: 0.999, noNaN: true }),
  end: fc.constantFrom('confirm', 'confirm', 'confirm', 'release', 'terminate', 'ask again'),
  lastsMs: fc.integer({ min: 1, max: HOUR }),
});

interface Schedule {
  readonly startMs: number;
  readonly zones: readonly string[];
  readonly limits: ContactAsk['limits'];
  readonly steps: readonly Step[];
}

const schedule: fc.Arbitrary<Schedule> = fc.record({
  startMs: fc.constantFrom(...STARTS),
  zones: fc.tuple(fc.constantFrom(...ZONES), fc.constantFrom(...ZONES)),
  limits: fc.record(
    {
      minGapMs: fc.constantFrom(MINUTE, HOUR, 4 * HOUR),
      perDay: fc.integer({ min: 1, max: 3 }),
      perWeek: fc.integer({ min: 1, max: 6 }),
      concurrent: fc.integer({ min: 1, max: 2 }),
    },
    { requiredKeys: [] },
  ),
  steps: fc.array(step, { minLength: 5, maxLength: 20 }),
});

interface Dial {
  readonly sentMs: number;
  readonly zone: string;
  readonly endMs: number;
}

/** Plays a schedule, and returns every dial that the rules allowed. */
function play({ startMs, zones, limits, steps }: Schedule): readonly Dial[] {
  let contact: Contact = NEW_CONTACT;
  let nowMs = startMs;
  const dials: Dial[] = [];
  const ends: { readonly atMs: number; readonly end: () => void }[] = [];
  const passTo = (toMs: number) => {
    ends.sort((a, b) => a.atMs - b.atMs);
    while (ends[0] !== undefined && ends[0].atMs <= toMs) ends.shift()?.end();
    nowMs = toMs;
  };
  steps.forEach(({ afterMs, zone: index, sentAfter, end, lastsMs }, number) => {
    passTo(nowMs + afterMs);
    const zone = zones[index] ?? 'UTC';
    const reference = `default/call/${number}#1`;
    const ask: ContactAsk = {
      reference,
      sendByMs: nowMs + SEND_WITHIN,
      leaseMs: LEASE,
      ...contactSpans(zone, nowMs),
      limits,
      askAgainMs: 5 * MINUTE,
    };
    const asked = reserve(contact, ask, nowMs);
    contact = asked.contact;
    if (asked.answer.kind !== 'reserved') return;
    if (end === 'release') {
      contact = release(contact, { reference });
      return;
    }
    if (end === 'ask again') {
      // The answer was lost, so nothing was sent; the run asks once more for the same attempt.
      passTo(nowMs + 5_000);
      const again = { ...ask, sendByMs: nowMs + SEND_WITHIN, ...contactSpans(zone, nowMs) };
      const second = reserve(contact, again, nowMs);
      contact = second.contact;
      if (second.answer.kind !== 'reserved') return;
    }
    const sentMs = nowMs + Math.floor(sentAfter * SEND_WITHIN);
    const isTerminated = end === 'terminate';
    const endMs = isTerminated ? nowMs + LEASE : sentMs + lastsMs;
    dials.push({ sentMs, zone, endMs });
    if (isTerminated) return;
    const confirmation = { reference, dialed: true, outcome: 'answered' } as const;
    ends.push({
      atMs: endMs,
      end: () => {
        contact = confirm(contact, { ...confirmation, placedMs: sentMs, endedMs: endMs }, endMs);
      },
    });
  });
  return dials;
}

const local = (atMs: number, zone: string) => DateTime.fromMillis(atMs, { zone });

function most(dials: readonly Dial[], labelOf: (dial: Dial, zone: string) => string): number {
  const zones = new Set(dials.map(({ zone }) => zone));
  const counts = [...zones].flatMap((zone) => {
    const byLabel = new Map<string, Dial[]>();
    for (const dial of dials) {
      const label = labelOf(dial, zone);
      byLabel.set(label, [...(byLabel.get(label) ?? []), dial]);
    }
    // A day counts in the zone of a call of that day.
    const own = [...byLabel.values()].filter((day) => day.some((dial) => dial.zone === zone));
    return own.map((day) => day.length);
  });
  return Math.max(0, ...counts);
}

it('never violates a limit in any of 30 zones', () => {
  let dialed = 0;
  fc.assert(
    fc.property(schedule, (given) => {
      const { limits } = given;
      const dials = [...play(given)].sort((a, b) => a.sentMs - b.sentMs);
      dialed += dials.length;
      const { minGapMs = 0, perDay = Infinity, perWeek = Infinity, concurrent = Infinity } = limits;
      const inDay = most(dials, ({ sentMs }, zone) => local(sentMs, zone).toISODate() ?? '');
      const inWeek = most(dials, ({ sentMs }, zone) => local(sentMs, zone).toFormat('kkkk-WW'));
      const gaps = dials.slice(1).map(({ sentMs }, i) => sentMs - (dials[i]?.sentMs ?? 0));
      const atOnce = dials.map(
        ({ sentMs }) => dials.filter((one) => one.sentMs <= sentMs && one.endMs > sentMs).length,
      );
      expect(inDay).toBeLessThanOrEqual(perDay);
      expect(inWeek).toBeLessThanOrEqual(perWeek);
      expect(Math.min(Infinity, ...gaps)).toBeGreaterThanOrEqual(minGapMs);
      expect(Math.max(0, ...atOnce)).toBeLessThanOrEqual(concurrent);
    }),
    { numRuns: 10_000, seed: 13 },
  );
  // The limits must not hold because nothing is dialed.
  expect(dialed).toBeGreaterThan(20_000);
}, 120_000);
