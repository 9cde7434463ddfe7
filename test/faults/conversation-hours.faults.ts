import { objectionOfTime } from '../../src/activities/objection-of-time';
import type { CallWindow } from '../../src/call/input';
import { redialTime } from '../../src/call/redial';

/** Tests the last check before a send at 10,000 instants in 30 zones, against a clock based on `Intl`. */
const INSTANTS = 10_000;
const ZONES = [
  'Africa/Cairo',
  'Africa/Casablanca',
  'Africa/Johannesburg',
  'Africa/Lagos',
  'America/Chicago',
  'America/Denver',
  'America/Halifax',
  'America/Havana',
  'America/Los_Angeles',
  'America/New_York',
  'America/Nuuk',
  'America/Santiago',
  'America/Sao_Paulo',
  'America/St_Johns',
  'Antarctica/Troll',
  'Asia/Beirut',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Asia/Tokyo',
  'Atlantic/Azores',
  'Australia/Adelaide',
  'Australia/Lord_Howe',
  'Australia/Sydney',
  'Europe/Berlin',
  'Europe/Dublin',
  'Europe/Istanbul',
  'Europe/London',
  'Pacific/Auckland',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
];
const YEAR_START = Date.parse('2026-01-01T00:00:00Z');
const YEAR_MS = 365 * 86_400_000;
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Random numbers from 0 to 1, the same in every run. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

describe('the last check before a send', () => {
  it.each(ZONES)(
    `allows no send outside the calling hours in %s, at ${INSTANTS} instants`,
    (timeZone) => {
      const random = createRandom(timeZone.length * 7_919 + ZONES.indexOf(timeZone));
      const format = new Intl.DateTimeFormat('en-GB', {
        timeZone,
        weekday: 'short',
        hour: '2-digit',
        minute: '2-digit',
        hourCycle: 'h23',
      });
      const window: CallWindow = { timeZone, days: [1, 2, 3, 4, 5], from: '01:30', to: '17:45' };
      const wrong: string[] = [];
      let open = 0;
      for (let count = 0; count < INSTANTS; count += 1) {
        const nowMs = YEAR_START + Math.floor(random() * YEAR_MS);
        const notBeforeMs = nowMs + Math.floor((random() - 0.7) * 3_600_000);
        const expiresAtMs = notBeforeMs + Math.floor(random() * 7_200_000);
        const parts = format.formatToParts(nowMs);
        const part = (name: string) => parts.find(({ type }) => type === name)?.value ?? '';
        const time = `${part('hour')}:${part('minute')}`;
        const isInside =
          DAYS.indexOf(part('weekday')) < 5 && time >= window.from && time < window.to;
        const isAllowed = isInside && nowMs >= notBeforeMs && nowMs < expiresAtMs;
        const conditions = {
          attempt: 1,
          labels: {},
          timeScale: 1,
          window,
          notBeforeMs,
          expiresAtMs,
        };
        const now = { earliestMs: nowMs, latestMs: nowMs };
        const isLet = objectionOfTime(conditions, now) === undefined;
        if (isLet) open += 1;
        if (isLet !== isAllowed) wrong.push(new Date(nowMs).toISOString());
      }
      expect(wrong).toEqual([]);
      expect(open).toBeGreaterThan(INSTANTS / 50);
    },
  );

  it('allows no attempt beyond maxAttempts with any policy', () => {
    const random = createRandom(1);
    for (let count = 0; count < INSTANTS; count += 1) {
      const maxAttempts = 1 + Math.floor(random() * 20);
      const policy = { maxAttempts, afterMs: { busy: [60_000], failed: [60_000] } };
      let number = 1;
      const next = () => redialTime(policy, { number, outcome: 'busy' }, 0) !== undefined;
      while (number <= 21 && next()) number += 1;
      expect(number).toBe(maxAttempts);
    }
  });
});
