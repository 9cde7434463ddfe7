import * as fc from 'fast-check';
import {
  attachPace,
  extendStreak,
  MAX_CLOCK_DIFFERENCE_MS,
  backOffMs,
  conditionsBackOffMs,
  contactAskAgainMs,
  contactLeaseMs,
  deadlineMs,
  minReadGapMs,
  giveUpAfterMs,
  heldAfterMs,
  holdMs,
  inProgressDeadlineMs,
  readLimits,
  listingGapMs,
  lookAgainMs,
  lookMs,
  nextReadMs,
  optOutReportMs,
  sendLimits,
  settleTimes,
  type Pace,
} from '../../src/call/timing';
import { toPlan } from '../../src/call/plan';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const SENT = Date.parse('2026-12-01T09:00:00.000Z');
const POLL: Pace = {
  mode: 'poll',
  pollEveryMs: 30 * SECOND,
  timeScale: 1,
  placedAtMs: SENT,
  since: SENT,
  deadlineMs: SENT + 2 * HOUR,
  lastMs: SENT + 4 * HOUR,
};
const NET: Pace = { ...POLL, mode: 'webhook', since: SENT + 5 * MINUTE };

/** When the reads of a pace are due, in seconds after `from`. */
function reads(pace: Pace, from: number, untilMs: number): number[] {
  const times: number[] = [];
  for (let at = nextReadMs(pace, from); at <= untilMs; at = nextReadMs(pace, at)) {
    times.push((at - from) / SECOND);
  }
  return times;
}

describe('nextReadMs', () => {
  it('reads 5, 10 and 20 s after the send in mode poll, then every pollEvery', () => {
    expect(reads(POLL, SENT, SENT + 2 * MINUTE)).toEqual([5, 10, 20, 50, 80, 110]);
  });

  it.each([
    ['just before 15 min', 15 * MINUTE - 1, 30 * SECOND],
    ['from 15 min on', 15 * MINUTE, MINUTE],
    ['just before 2 h', 2 * HOUR - 1, MINUTE],
    ['from 2 h on', 2 * HOUR, 5 * MINUTE],
  ])('waits in mode poll %s', (_, age, gap) => {
    expect(nextReadMs(POLL, SENT + age) - (SENT + age)).toBe(gap);
  });

  it.each([1 * MINUTE, 16 * MINUTE, 3 * HOUR])(
    'keeps a longer pollEvery, %d ms after the send',
    (age) => {
      const slow = { ...POLL, pollEveryMs: HOUR };
      expect(nextReadMs(slow, SENT + age)).toBe(SENT + age + HOUR);
    },
  );

  it('doubles up to 5 min in mode webhook', () => {
    expect(reads(NET, NET.since, NET.since + 25 * MINUTE)).toEqual([
      30, 90, 210, 450, 750, 1_050, 1_350,
    ]);
  });

  it('reads at most 10 times in the 30 min after the send in mode webhook', () => {
    expect(1 + reads(NET, NET.since, SENT + 30 * MINUTE).length).toBeLessThanOrEqual(10);
  });

  it('is at least 5 s (scaled) after now', () => {
    const pace = fc.record({
      mode: fc.constantFrom('poll' as const, 'webhook' as const),
      pollEveryMs: fc.integer({ min: 0, max: HOUR }),
      timeScale: fc.integer({ min: 1, max: 1_000 }),
      placedAtMs: fc.constant(SENT),
      since: fc.integer({ min: SENT, max: SENT + HOUR }),
      deadlineMs: fc.constant(SENT),
      lastMs: fc.constant(SENT),
    });
    fc.assert(
      fc.property(pace, fc.integer({ min: 0, max: 12 * HOUR }), (of, age) => {
        const now = SENT + age;
        expect(nextReadMs(of, now) - now).toBeGreaterThanOrEqual(
          (5 * SECOND) / of.timeScale - 0.001,
        );
      }),
    );
  });

  it('has proportional gaps at any time scale', () => {
    for (const timeScale of [10, 100]) {
      const scaled = { ...POLL, timeScale, pollEveryMs: POLL.pollEveryMs / timeScale };
      expect(reads(scaled, SENT, SENT + (2 * MINUTE) / timeScale)).toEqual(
        [5, 10, 20, 50, 80, 110].map((at) => at / timeScale),
      );
    }
  });
});

describe('deadlineMs and inProgressDeadlineMs', () => {
  const plan = (max_duration?: string, timeScale = 1) =>
    toPlan(
      {
        call: {
          agent_id: 'a',
          phone_number: '+14155550101',
          ...(max_duration !== undefined && { call_settings: { max_duration } }),
        },
      },
      { apiTaskQueue: 'truedy-api', searchAttributes: false, timeScale },
      { keys: ['k'] },
    );

  it('gives up a call 25 min, join_timeout and max_duration after the send', () => {
    expect(deadlineMs(plan(), SENT) - SENT).toBe(25 * MINUTE + 30 * SECOND + HOUR);
  });

  it('gives up a call in progress 4 h after the send', () => {
    expect(inProgressDeadlineMs(plan(), SENT) - SENT).toBe(4 * HOUR);
  });

  it('is never earlier for a call in progress', () => {
    expect(inProgressDeadlineMs(plan('36000s'), SENT)).toBe(deadlineMs(plan('36000s'), SENT));
  });

  it('leaves 5 min of reading, however late it begins', () => {
    const late = deadlineMs(plan(), SENT) + 4 * HOUR;
    const limits = { deadlineMs: late + 5 * MINUTE, lastMs: late + 5 * MINUTE };
    expect(readLimits(plan(), SENT, late)).toEqual(limits);
  });

  it('is the deadline of the call if reading begins in time', () => {
    expect(readLimits(plan(), SENT, SENT + HOUR)).toEqual({
      deadlineMs: deadlineMs(plan(), SENT),
      lastMs: inProgressDeadlineMs(plan(), SENT),
    });
  });

  it('is divided by the time scale', () => {
    expect(deadlineMs(plan(undefined, 100), SENT) - SENT).toBe(
      (25 * MINUTE + 30 * SECOND + HOUR) / 100,
    );
    expect(inProgressDeadlineMs(plan(undefined, 100), SENT) - SENT).toBe((4 * HOUR) / 100);
  });
});

describe('contactLeaseMs', () => {
  it('lasts as long as the request, its settling, the call and the reads after each can', () => {
    const facts = { apiTaskQueue: 'truedy-api', searchAttributes: false, timeScale: 1 };
    const call = { agent_id: 'a', phone_number: '+14155550101' };
    const input = { call, placement: { settle: '90s' }, completion: { artifacts: '10m' } };
    const plan = toPlan(input, facts, { keys: ['k'] });
    const { startToCloseMs } = sendLimits(1);
    expect(contactLeaseMs(plan)).toBe(
      startToCloseMs + 90 * SECOND + 4 * HOUR + 30 * MINUTE + 10 * MINUTE,
    );
  });
});

describe('sendLimits', () => {
  it.each([
    [1, 200_000, 30_000],
    [7, 28_572, 15_000],
    [25, 8_000, 15_000],
    [30, 6_667, 15_000],
    [1_000, 5_000, 15_000],
  ])('at time scale %d', (timeScale, replyMs, sendWithinMs) => {
    const startToCloseMs = replyMs + sendWithinMs;
    expect(sendLimits(timeScale)).toEqual({ replyMs, sendWithinMs, startToCloseMs });
  });

  it('are whole milliseconds, and leave time to send if the worker’s clock is 5 s ahead', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), (timeScale) => {
        const limits = sendLimits(timeScale);
        expect(Object.values(limits).every(Number.isInteger)).toBe(true);
        // The worker's clock is 5 s ahead, and it stops 5 s early.
        const leftMs = limits.sendWithinMs - 2 * MAX_CLOCK_DIFFERENCE_MS;
        expect(leftMs).toBeGreaterThanOrEqual(5 * SECOND);
      }),
    );
  });
});

describe('backOffMs and holdMs', () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 4],
    [7, 64],
    [8, 120],
    [1_000, 120],
  ])('backs off after try %d for %d s', (tries, seconds) => {
    expect(backOffMs(tries, 1)).toBe(seconds * SECOND);
  });

  it.each([
    [1, 1],
    [2, 2],
    [4, 8],
    [5, 15],
    [1_000, 15],
  ])('holds after try %d for %d min', (tries, minutes) => {
    expect(holdMs(tries, 1)).toBe(minutes * MINUTE);
  });

  it('never decreases with more tries', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), (tries) => {
        expect(backOffMs(tries + 1, 1)).toBeGreaterThanOrEqual(backOffMs(tries, 1));
        expect(holdMs(tries + 1, 1)).toBeGreaterThanOrEqual(holdMs(tries, 1));
      }),
    );
  });
});

describe('the fixed waits', () => {
  it.each([
    ['minReadGapMs', minReadGapMs, 5 * SECOND],
    ['listingGapMs', listingGapMs, 30 * SECOND],
    ['heldAfterMs', heldAfterMs, 2 * MINUTE],
    ['giveUpAfterMs', giveUpAfterMs, 24 * HOUR],
    ['contactAskAgainMs', contactAskAgainMs, 5 * MINUTE],
    ['optOutReportMs', optOutReportMs, HOUR],
    ['lookAgainMs', (timeScale: number) => lookAgainMs(1, timeScale), 5 * SECOND],
    ['backOffMs', (timeScale: number) => backOffMs(1, timeScale), SECOND],
    ['holdMs', (timeScale: number) => holdMs(1, timeScale), MINUTE],
  ])('%s is divided by the time scale', (_, wait, ms) => {
    expect(wait(1)).toBe(ms);
    expect(wait(100)).toBe(ms / 100);
  });
});

describe('extendStreak', () => {
  it('counts consecutive deferrals from the first one', () => {
    const first = extendStreak(undefined, false, 1_000);
    expect(extendStreak(first, false, 5_000)).toEqual({ isOurs: false, count: 2, sinceMs: 1_000 });
  });

  it('starts again if Truedy defers after our own conditions did, however long that took', () => {
    const ours = extendStreak(undefined, true, 1_000);
    expect(extendStreak(ours, false, 9_000_000)).toEqual({
      isOurs: false,
      count: 1,
      sinceMs: 9_000_000,
    });
  });
});

describe('conditionsBackOffMs', () => {
  it('doubles from 1 s up to 15 min', () => {
    const waits = Array.from(
      { length: 12 },
      (_, tries) => conditionsBackOffMs(tries + 1, 1) / SECOND,
    );
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
  });
});

describe('lookAgainMs and lookMs', () => {
  it('wait 5 s, doubling up to 5 min', () => {
    const waits = Array.from({ length: 8 }, (_, tries) => lookAgainMs(tries + 1, 1) / SECOND);
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 300, 300]);
  });

  it('allow at least one complete read', () => {
    expect(lookMs(1)).toBe(30 * SECOND);
    expect(lookMs(1_000)).toBe(12 * SECOND);
  });
});

describe('every duration', () => {
  it('is a whole number of milliseconds at any time scale', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.integer({ min: 1, max: 30 }),
        (scale, tries) => {
          const { replyMs, sendWithinMs, startToCloseMs } = sendLimits(scale);
          const durations = [
            replyMs,
            sendWithinMs,
            startToCloseMs,
            minReadGapMs(scale),
            listingGapMs(scale),
            backOffMs(tries, scale),
            conditionsBackOffMs(tries, scale),
            holdMs(tries, scale),
            lookAgainMs(tries, scale),
            lookMs(scale),
            heldAfterMs(scale),
            giveUpAfterMs(scale),
          ];
          expect(durations.filter((ms) => !Number.isInteger(ms) || ms < 1)).toEqual([]);
        },
      ),
    );
  });
});

describe('settleTimes', () => {
  // A short call, so that settling can take longer than the deadline.
  const call = {
    agent_id: 'agent_1',
    phone_number: '+14155550101',
    call_settings: { max_duration: '60s', join_timeout: '10s' },
  };
  const plan = (settle: string, timeScale = 1) =>
    toPlan(
      { call, placement: { settle } },
      { apiTaskQueue: 'api', searchAttributes: false, timeScale },
      { keys: [] },
    );

  it('leave time for the listings, however long `settle` is', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 90, max: 3_600 }),
        fc.integer({ min: 1, max: 1_000 }),
        (s, scale) => {
          const { settledMs, lastLookMs, overMs, lastMs } = settleTimes(plan(`${s}s`, scale), 0, 0);
          expect(overMs - settledMs).toBeGreaterThanOrEqual(300_000 / scale);
          expect(lastLookMs - settledMs).toBeGreaterThanOrEqual(240_000 / scale - 1);
          expect([settledMs, lastLookMs, overMs, lastMs].every(Number.isInteger)).toBe(true);
          expect(lastMs).toBeGreaterThan(overMs);
        },
      ),
    );
  });

  it('leave time for the listings if the loss is noticed after the deadline', () => {
    const lateMs = 10 * HOUR;
    const { overMs, lastLookMs } = settleTimes(plan('90s'), 0, lateMs);
    expect([overMs - lateMs, lastLookMs - lateMs]).toEqual([5 * MINUTE, 4 * MINUTE]);
  });

  it('begin `settle` after the latest possible send', () => {
    expect(settleTimes(plan('90s'), 1_000, 7).settledMs).toBe(91_000);
  });

  it('end at the deadline of the attempt if that is later', () => {
    const short = plan('90s');
    expect(settleTimes(short, 7, 7).overMs).toBe(deadlineMs(short, 7));
  });
});

describe('a caller that waits for a call it did not start', () => {
  it('polls a live call for 20 s at a time, and returns after at most another 20 s', () => {
    expect([1, 2, 3, 9].map((polls) => attachPace(polls, true, 1))).toEqual(
      [5, 10, 20, 20].map((s) => ({ pollMs: 20 * SECOND, delayMs: s * SECOND })),
    );
  });

  it('holds a slot only for its first poll while the call waits, then reads every 5 min at most', () => {
    expect([1, 2, 7, 99].map((polls) => attachPace(polls, false, 1))).toEqual([
      { pollMs: 20 * SECOND, delayMs: 5 * SECOND },
      { pollMs: 0, delayMs: 10 * SECOND },
      { pollMs: 0, delayMs: 5 * MINUTE },
      { pollMs: 0, delayMs: 5 * MINUTE },
    ]);
  });
});
