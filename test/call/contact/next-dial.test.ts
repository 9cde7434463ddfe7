import { contactSpans } from '../../../src/activities/contact-days';
import { NEW_CONTACT, type Contact, type ContactAsk } from '../../../src/call/contact/contact';
import { optOut } from '../../../src/call/contact/opt-outs';
import { nextDial } from '../../../src/call/contact/next-dial';
import { reserve } from '../../../src/call/contact/reserve';

const HOUR = 3_600_000;
const NOW = Date.parse('2026-12-02T09:00:00Z');
const spansAt = (ms: number) => contactSpans('UTC', ms);

/** The person was dialed at these times. */
function dialedAt(...times: readonly number[]): Contact {
  const dials = times.map((ms) => ({
    reference: `default/call/${ms}#1`,
    fromMs: ms,
    toMs: ms,
    ...spansAt(ms),
    endedMs: ms,
    outcome: 'busy' as const,
  }));
  return { ...NEW_CONTACT, dials };
}

function next(contact: Contact, limits: ContactAsk['limits']) {
  const found = nextDial(contact, limits, spansAt, NOW);
  return found && [new Date(found.atMs).toISOString(), found.limits];
}

it('is now for a person who is not known, and without limits', () => {
  expect(next(NEW_CONTACT, { perDay: 1, concurrent: 1 })).toEqual(['2026-12-02T09:00:00.000Z', []]);
  expect(next(dialedAt(NOW - 1), {})).toEqual(['2026-12-02T09:00:00.000Z', []]);
});

it('is never after an opt-out', () => {
  expect(next(optOut(NEW_CONTACT, undefined, NOW), {})).toBeUndefined();
});

it('is after the gap, and names the limit', () => {
  const found = next(dialedAt(NOW - HOUR), { minGapMs: 4 * HOUR, perDay: 3 });
  expect(found).toEqual(['2026-12-02T12:00:00.000Z', ['minGap']]);
});

it('is the next day or week if the current one is full', () => {
  const twoToday = dialedAt(NOW - 2 * HOUR, NOW - HOUR);
  expect(next(twoToday, { perDay: 2 })).toEqual(['2026-12-03T00:00:00.000Z', ['perDay']]);
  expect(next(twoToday, { perWeek: 2 })).toEqual(['2026-12-07T00:00:00.000Z', ['perWeek']]);
});

it('is the next day if the gap ends on a day that is full then', () => {
  // The gap ends at 23:00, when three calls have been placed on that day.
  const contact = dialedAt(NOW - 3 * HOUR, NOW - 2 * HOUR, NOW - HOUR);
  const found = next(contact, { minGapMs: 15 * HOUR, perDay: 3 });
  expect(found).toEqual(['2026-12-03T00:00:00.000Z', ['minGap', 'perDay']]);
});

it('is at the latest the end of the lease during another call', () => {
  const { contact } = reserve(
    NEW_CONTACT,
    {
      reference: 'default/call/a#1',
      sendByMs: NOW + 30_000,
      leaseMs: 4 * HOUR,
      limits: {},
      askAgainMs: 1,
      ...spansAt(NOW),
    },
    NOW,
  );
  expect(next(contact, { concurrent: 1 })).toEqual(['2026-12-02T13:00:00.000Z', ['concurrent']]);
});
