import * as fc from 'fast-check';
import { changesOf, isSameLimits } from '../../../src/call/contact/audit';
import {
  expire,
  NEW_CONTACT,
  type Contact,
  type ContactAsk,
} from '../../../src/call/contact/contact';
import { confirm, release } from '../../../src/call/contact/settle';
import { optIn, optOut } from '../../../src/call/contact/opt-outs';
import { reserve } from '../../../src/call/contact/reserve';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.parse('2026-12-01T09:00:00Z');
const DAY = { startMs: Date.parse('2026-12-01'), endMs: Date.parse('2026-12-02') };
const WEEK = { startMs: Date.parse('2026-11-30'), endMs: Date.parse('2026-12-07') };

type Limits = ContactAsk['limits'];

function ask(reference: string, nowMs: number, limits: Limits = {}): ContactAsk {
  const sendByMs = nowMs + 30_000;
  const terms = { leaseMs: 2 * HOUR, days: [DAY], weeks: [WEEK], askAgainMs: 5 * MINUTE };
  return { reference, sendByMs, limits, ...terms };
}

/** One call that lasts 10 min, without limits. */
function called(contact: Contact, reference: string, atMs: number): Contact {
  return ended(reserve(contact, ask(reference, atMs), atMs).contact, reference, atMs + 10 * MINUTE);
}

function ended(contact: Contact, reference: string, endedMs: number): Contact {
  const end = { reference, dialed: true, outcome: 'answered', placedMs: NOW, endedMs } as const;
  return confirm(contact, end, endedMs);
}

const exceeded = (before: Contact, after: Contact, limits?: Limits) =>
  changesOf(before, after, limits).exceeded;

describe('a dial', () => {
  const first = called(NEW_CONTACT, 'a', NOW);
  const second = called(first, 'b', NOW + HOUR);

  it.each([
    ['a day', { perDay: 1 }, ['perDay']],
    ['a week', { perWeek: 1 }, ['perWeek']],
    ['a gap', { minGapMs: 2 * HOUR }, ['minGap']],
    ['a day and a week', { perDay: 1, perWeek: 1 }, ['perDay', 'perWeek']],
  ])('beyond the limit of %s is counted once', (_, limits, found) => {
    expect(exceeded(NEW_CONTACT, first, limits)).toEqual([]);
    expect(exceeded(first, second, limits)).toEqual(found);
    expect(exceeded(second, second, limits)).toEqual([]);
  });

  it('within every limit is not counted', () => {
    const limits = { perDay: 2, perWeek: 2, minGapMs: HOUR - 30_000, concurrent: 1 };
    expect(exceeded(first, second, limits)).toEqual([]);
  });

  it('is not counted if no question has shown limits yet', () => {
    expect(exceeded(first, second)).toEqual([]);
  });

  it.each(['the first', 'the second'])(
    'during another call is counted once: %s ends first',
    (one) => {
      const limits = { concurrent: 1 };
      const open = reserve(NEW_CONTACT, ask('a', NOW), NOW).contact;
      const both = reserve(open, ask('b', NOW + MINUTE), NOW + MINUTE).contact;
      const order = one === 'the first' ? ['a', 'b'] : ['b', 'a'];
      let contact = both;
      const found = order.flatMap((reference, index) => {
        const next = ended(contact, reference, NOW + 10 * MINUTE + index);
        const limitsFound = exceeded(contact, next, limits);
        contact = next;
        return limitsFound;
      });
      expect(found).toEqual(['concurrent']);
    },
  );

  it('that a terminated contact does not know is counted when its end is reported', () => {
    const blank = reserve(NEW_CONTACT, ask('b', NOW), NOW).contact;
    const lost = { reference: 'a', dialed: true, outcome: 'answered' } as const;
    const after = confirm(blank, { ...lost, placedMs: NOW + 1, endedMs: NOW + 9 }, NOW + 9);
    expect(exceeded(blank, after, { perDay: 1, concurrent: 1 })).toEqual(['concurrent', 'perDay']);
  });

  it('whose lease ended is not counted again when its end is reported', () => {
    const open = reserve(first, ask('b', NOW + HOUR), NOW + HOUR).contact;
    const lapsed = expire(open, NOW + 4 * HOUR);
    expect(exceeded(open, lapsed, { perDay: 1 })).toEqual(['perDay']);
    expect(exceeded(lapsed, ended(lapsed, 'b', NOW + 5 * HOUR), { perDay: 1 })).toEqual([]);
  });
});

it('an opt-out is a change, and its repetition and an opt-in are none', () => {
  const out = optOut(NEW_CONTACT, undefined, NOW);
  expect(changesOf(NEW_CONTACT, out, undefined).isOptedOut).toBe(true);
  expect(changesOf(out, optOut(out, 'again', NOW), undefined).isOptedOut).toBe(false);
  expect(changesOf(out, optIn(out, undefined, NOW), undefined).isOptedOut).toBe(false);
});

it('limits are the same in any order of their fields, and differ by any of them', () => {
  expect(isSameLimits({ perDay: 1, minGapMs: 5 }, { minGapMs: 5, perDay: 1 })).toBe(true);
  for (const name of ['minGapMs', 'perDay', 'perWeek', 'concurrent'] as const) {
    expect(isSameLimits({}, { [name]: 1 })).toBe(false);
  }
});

it('no dial exceeds a policy that every question has', () => {
  const step = fc.record({
    afterMs: fc.integer({ min: 0, max: 3 * HOUR }),
    lastsMs: fc.integer({ min: 0, max: HOUR }),
    end: fc.constantFrom('confirm', 'release', 'terminate'),
  });
  const limits = fc.record(
    {
      minGapMs: fc.constantFrom(MINUTE, HOUR),
      perDay: fc.integer({ min: 1, max: 3 }),
      perWeek: fc.integer({ min: 1, max: 4 }),
      concurrent: fc.integer({ min: 1, max: 2 }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(limits, fc.array(step, { minLength: 1, maxLength: 12 }), (policy, steps) => {
      let contact = NEW_CONTACT;
      let nowMs = NOW;
      const ends: { atMs: number; reference: string; end: string }[] = [];
      const update = (next: Contact) => {
        const found = exceeded(contact, next, policy);
        contact = next;
        expect(found).toEqual([]);
      };
      const settleUntil = (untilMs: number) => {
        const due = ends.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
        for (const one of due) {
          ends.splice(ends.indexOf(one), 1);
          const { reference, atMs, end } = one;
          if (end === 'confirm') update(ended(contact, reference, atMs));
          if (end === 'release') update(release(contact, { reference }));
        }
      };
      steps.forEach(({ afterMs, lastsMs, end }, index) => {
        nowMs += afterMs;
        settleUntil(nowMs);
        const reference = `call#${index}`;
        const asked = reserve(contact, ask(reference, nowMs, policy), nowMs);
        update(asked.contact);
        if (asked.answer.kind === 'reserved') ends.push({ atMs: nowMs + lastsMs, reference, end });
      });
      settleUntil(Infinity);
    }),
  );
});
