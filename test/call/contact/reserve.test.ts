import {
  expire,
  isForgettable,
  KEEP_MS,
  NEW_CONTACT,
  type Contact,
  type ContactAsk,
} from '../../../src/call/contact/contact';
import { confirm, release, stopWaiting } from '../../../src/call/contact/settle';
import { isOptedOut, optIn, optOut } from '../../../src/call/contact/opt-outs';
import { nextWaiting, reserve } from '../../../src/call/contact/reserve';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.parse('2026-12-01T09:00:00Z');
const DAY = { startMs: Date.parse('2026-12-01'), endMs: Date.parse('2026-12-02') };
/** Of another zone: it overlaps `DAY`. */
const LATER_DAY = { startMs: DAY.startMs + 6 * HOUR, endMs: DAY.endMs + 6 * HOUR };
const WEEK = { startMs: Date.parse('2026-11-30'), endMs: Date.parse('2026-12-07') };

function ask(reference: string, changes: Partial<ContactAsk> = {}): ContactAsk {
  return {
    reference,
    sendByMs: NOW + 30_000,
    leaseMs: 2 * HOUR,
    days: [DAY],
    weeks: [WEEK],
    limits: {},
    askAgainMs: 5 * MINUTE,
    ...changes,
  };
}

/** Asks for each attempt in turn, and returns the last answer. */
function askAll(asks: readonly ContactAsk[], nowMs = NOW, from: Contact = NEW_CONTACT) {
  let contact = from;
  const answers = asks.map((one) => {
    const asked = reserve(contact, one, nowMs);
    contact = asked.contact;
    return asked.answer;
  });
  return { contact, answers, answer: answers.at(-1) };
}

const ended = (reference: string, endedMs: number) => ({
  reference,
  dialed: true as const,
  outcome: 'busy' as const,
  placedMs: NOW,
  endedMs,
});

describe('reserve', () => {
  it('allows everything without limits', () => {
    expect(askAll([ask('a'), ask('b')]).answers.map(({ kind }) => kind)).toEqual([
      'reserved',
      'reserved',
    ]);
  });

  it.each([
    ['first', [DAY, LATER_DAY]],
    ['last', [LATER_DAY, DAY]],
  ])('waits for the latest end of several full days, named %s', (_, days) => {
    const asks = [ask('a', { days }), ask('b', { days, limits: { perDay: 1 } })];
    expect(askAll(asks).answer).toMatchObject({ limits: ['perDay'], untilMs: LATER_DAY.endMs });
  });

  it('names every limit that forbids the dial, and the latest end', () => {
    const limits = { minGapMs: HOUR, perDay: 1, perWeek: 1, concurrent: 1 };
    const { answer } = askAll([ask('a', { limits }), ask('b', { limits })]);
    expect(answer).toEqual({
      kind: 'not_before',
      sendByMs: NOW + 30_000,
      untilMs: WEEK.endMs,
      limits: ['concurrent', 'minGap', 'perDay', 'perWeek'],
    });
  });

  it.each([
    [{ minGapMs: HOUR }, NOW + 30_000 + HOUR],
    [{ perDay: 1 }, DAY.endMs],
    [{ perWeek: 1 }, WEEK.endMs],
    [{ concurrent: 1 }, NOW + 5 * MINUTE],
  ])('with %j allows the next dial at its end', (limits, untilMs) => {
    const { answer } = askAll([ask('a', { limits }), ask('b', { limits })]);
    expect(answer).toMatchObject({ kind: 'not_before', untilMs });
  });

  it('gives the same attempt one reservation, and repeats the answer to a repeated question', () => {
    const limits = { concurrent: 1, perDay: 1 };
    const later = ask('a', { limits, sendByMs: NOW + 60_000 });
    const { contact, answers } = askAll([ask('a', { limits }), ask('a', { limits }), later]);
    expect(answers.map(({ kind }) => kind)).toEqual(['reserved', 'reserved', 'reserved']);
    expect(contact.open).toHaveLength(1);
  });

  it('reserves nothing for a question that came too late or was overtaken', () => {
    expect(askAll([ask('a', { sendByMs: NOW })]).answer).toMatchObject({ kind: 'late' });
    const { contact, answer } = askAll([ask('a', { sendByMs: NOW + 60_000 }), ask('a')]);
    expect(answer).toMatchObject({ kind: 'late' });
    expect(contact.open).toMatchObject([{ reference: 'a', toMs: NOW + 60_000 }]);
  });

  it('counts the days of another zone, too', () => {
    const limits = { perDay: 1 };
    const midnight = NOW + HOUR;
    const yesterday = { startMs: DAY.startMs, endMs: midnight };
    const first = ask('a', { limits });
    const second = ask('b', {
      limits,
      days: [{ startMs: midnight, endMs: DAY.endMs + HOUR }],
      sendByMs: midnight + 30_000,
    });
    const { contact } = askAll([first]);
    expect(askAll([second], midnight, contact).answer).toMatchObject({ untilMs: DAY.endMs });
    const east = askAll([ask('a', { limits, days: [yesterday] })]).contact;
    expect(askAll([second], midnight, east).answer).toMatchObject({ kind: 'reserved' });
  });
});

describe('the end of an attempt', () => {
  const limits = { concurrent: 1, perDay: 2 };

  it('makes room, and counts only if the attempt was dialed', () => {
    const { contact } = askAll([ask('a', { limits })]);
    const released = release(contact, { reference: 'a' });
    expect(released).toEqual(NEW_CONTACT);
    const confirmed = confirm(contact, ended('a', NOW + 9_000), NOW + 9_000);
    expect(confirmed.open).toEqual([]);
    expect(confirmed.dials).toMatchObject([
      { reference: 'a', fromMs: NOW, toMs: NOW + 9_000, endedMs: NOW + 9_000, outcome: 'busy' },
    ]);
  });

  it('is one of the last 2,000 dials that are kept', () => {
    let contact: Contact = NEW_CONTACT;
    for (let dial = 0; dial <= 2_000; dial += 1) {
      contact = confirm(contact, { ...ended(`run ${dial}`, NOW + 1), placedMs: NOW }, NOW + 1);
    }
    expect(contact.dials).toHaveLength(2_000);
    expect(contact.dials.at(-1)?.reference).toBe('run 2000');
  });

  it('is counted once if it is reported twice', () => {
    const { contact } = askAll([ask('a')]);
    const once = confirm(contact, ended('a', NOW + 1), NOW + 1);
    expect(confirm(once, ended('a', NOW + 1), NOW + 2)).toBe(once);
  });

  it('is counted once if a reset run, or the next worker after a lost one, reports it at another time', () => {
    const { contact } = askAll([ask('a')]);
    const once = confirm(contact, ended('a', NOW + 1), NOW + 1);
    expect(confirm(once, ended('a', NOW + 9_000), NOW + 9_000)).toBe(once);
  });

  it('restores a dial that a new contact does not know', () => {
    const { dials } = confirm(NEW_CONTACT, ended('a', NOW + 1), NOW + 1);
    expect(dials).toMatchObject([{ reference: 'a', fromMs: NOW, toMs: NOW, endedMs: NOW + 1 }]);
  });

  it('is assumed when the lease ends, and can be reported later', () => {
    const { contact } = askAll([ask('a', { limits })]);
    expect(expire(contact, NOW + 2 * HOUR - 1)).toBe(contact);
    const lapsed = expire(contact, NOW + 2 * HOUR);
    expect(lapsed).toMatchObject({ open: [], dials: [{ reference: 'a' }] });
    expect(lapsed.dials[0]).not.toHaveProperty('endedMs');
    const late = confirm(lapsed, ended('a', NOW + 3 * HOUR), NOW + 3 * HOUR);
    expect(late.dials).toMatchObject([{ reference: 'a', outcome: 'busy' }]);
  });

  it('does not give back the reservation of a later question', () => {
    const { contact } = askAll([ask('a', { sendByMs: NOW + 60_000 })]);
    expect(release(contact, { reference: 'a', sendByMs: NOW + 30_000 })).toEqual(contact);
  });

  it('is forgotten after 400 days', () => {
    const { dials } = confirm(NEW_CONTACT, ended('a', NOW), NOW);
    const contact = { ...NEW_CONTACT, dials };
    expect(isForgettable(contact, NOW + KEEP_MS)).toBe(false);
    expect(isForgettable(contact, NOW + KEEP_MS + 1)).toBe(true);
  });
});

describe('waiting runs', () => {
  const limits = { concurrent: 1 };

  it('are at most 1,000: those that asked first', () => {
    const asks = Array.from({ length: 1_002 }, (_, index) =>
      ask(`run ${index}`, { limits: { concurrent: 1 } }),
    );
    const { contact } = askAll(asks);
    expect(contact.waiting).toHaveLength(1_000);
    expect(contact.waiting.at(-1)?.reference).toBe('run 1000');
  });

  it('are removed once they do not exist any more', () => {
    const limits = { concurrent: 1 };
    const { contact } = askAll([ask('a'), ask('b', { limits }), ask('c', { limits })]);
    const left = stopWaiting(contact, 'b');
    expect(left).toEqual({ ...contact, waiting: [expect.objectContaining({ reference: 'c' })] });
  });

  it('are served in the order of their first question', () => {
    let { contact } = askAll([ask('a', { limits }), ask('b', { limits })]);
    ({ contact } = askAll([ask('c', { limits }), ask('b', { limits })], NOW + 1, contact));
    expect(contact.waiting.map(({ reference }) => reference)).toEqual(['b', 'c']);
    expect(nextWaiting(contact, new Set(), NOW + 1)).toBeUndefined();
    contact = confirm(contact, ended('a', NOW + 2), NOW + 2);
    expect(nextWaiting(contact, new Set(), NOW + 2)?.reference).toBe('b');
    // One place is free, and the run that was woken for it has not asked yet.
    expect(nextWaiting(contact, new Set(['b']), NOW + 2)).toBeUndefined();
    ({ contact } = askAll([ask('b', { limits })], NOW + 3, contact));
    expect(contact.waiting.map(({ reference }) => reference)).toEqual(['c']);
  });

  it('are not woken before the gap is over', () => {
    const both = { concurrent: 1, minGapMs: HOUR };
    const { contact } = askAll([ask('a', { limits: both }), ask('b', { limits: both })]);
    const free = confirm(contact, ended('a', NOW), NOW);
    expect(nextWaiting(free, new Set(), NOW + HOUR - 1)).toBeUndefined();
    expect(nextWaiting(free, new Set(), NOW + HOUR)?.reference).toBe('b');
  });

  it.each([{ concurrent: 1 }, { perDay: 1 }, { perWeek: 1 }, { minGapMs: HOUR }])(
    'are woken by an opt-out, with the limits %j',
    (any) => {
      const { contact } = askAll([ask('a', { limits: any }), ask('b', { limits: any })]);
      expect(nextWaiting(contact, new Set(), NOW)).toBeUndefined();
      expect(nextWaiting(optOut(contact, undefined, NOW), new Set(), NOW)?.reference).toBe('b');
    },
  );

  it.each([{ perDay: 1 }, { perWeek: 1 }, { minGapMs: HOUR }])(
    'are woken one by one for a reservation that is given back, with the limits %j',
    (any) => {
      const all = ['a', 'b', 'c'].map((one) => ask(one, { limits: any }));
      const { contact } = askAll(all);
      const free = release(contact, { reference: 'a' });
      expect(nextWaiting(free, new Set(), NOW)?.reference).toBe('b');
      expect(nextWaiting(free, new Set(['b']), NOW)).toBeUndefined();
    },
  );

  it('of a full day are not woken by the end of a call', () => {
    const any = { perDay: 1 };
    const { contact } = askAll([ask('a', { limits: any }), ask('b', { limits: any })]);
    const done = confirm(contact, ended('a', NOW + 1), NOW + 1);
    expect(nextWaiting(done, new Set(), NOW + 1)).toBeUndefined();
  });

  it('are forgotten once they ask again by themselves', () => {
    const any = { perDay: 1 };
    const { contact } = askAll([ask('a', { limits: any }), ask('b', { limits: any })]);
    expect(expire(contact, DAY.endMs - 1).waiting).toHaveLength(1);
    expect(expire(contact, DAY.endMs).waiting).toEqual([]);
  });
});

describe('an opt-out', () => {
  it('forbids every dial until the person opts in again, and is kept', () => {
    const out = optOut(NEW_CONTACT, 'asked by email', NOW);
    expect(optOut(out, 'again', NOW + 1)).toBe(out);
    expect(askAll([ask('a')], NOW, out).answer).toMatchObject({ kind: 'opted_out' });
    const back = optIn(out, undefined, NOW + 1);
    expect(isOptedOut(back)).toBe(false);
    expect(back.optOuts).toEqual([{ atMs: NOW, reason: 'asked by email', endedMs: NOW + 1 }]);
    expect(askAll([ask('a')], NOW + 2, back).answer).toMatchObject({ kind: 'reserved' });
    expect(optIn(NEW_CONTACT, undefined, NOW)).toBe(NEW_CONTACT);
    expect(isForgettable(back, NOW + 2 * KEEP_MS)).toBe(false);
  });
});
