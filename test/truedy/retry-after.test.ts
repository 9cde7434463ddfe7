import * as fc from 'fast-check';
import { retryAtMs } from '../../src/truedy/retry-after';

const NOW = Date.parse('2026-12-01T09:00:00.000Z');
const unix = (seconds: number) => String(NOW / 1_000 + seconds);

describe('retryAtMs', () => {
  it.each([
    ['nothing is told', {}, 60],
    ['Retry-After is 5', { retryAfter: '5' }, 5],
    ['Retry-After is a date', { retryAfter: 'Tue, 01 Dec 2026 09:00:30 GMT' }, 30],
    ['Retry-After is a date that has passed', { retryAfter: 'Tue, 01 Dec 2026 08:00:00 GMT' }, 60],
    ['Retry-After is -1', { retryAfter: '-1' }, 60],
    ['Retry-After is 0', { retryAfter: '0' }, 60],
    ['Retry-After is a word', { retryAfter: 'abc' }, 60],
    ['Retry-After is 1.5', { retryAfter: '1.5' }, 60],
    ['Retry-After is empty', { retryAfter: '' }, 60],
    ['Retry-After is an hour', { retryAfter: '3600' }, 3_600],
    ['Retry-After is a date in an hour', { retryAfter: 'Tue, 01 Dec 2026 10:00:00 GMT' }, 3_600],
    ['Retry-After is 99999999: a day', { retryAfter: '99999999' }, 86_400],
    [
      'Retry-After is an hour and reset_at sooner',
      { retryAfter: '3600', resetAt: '2026-12-01T09:00:30Z' },
      3_600,
    ],
    ['reset_at has a zone', { resetAt: '2026-12-01T10:00:45+01:00' }, 45],
    ['reset_at has no zone', { resetAt: '2026-12-01T09:00:45.310278' }, 45.31],
    ['reset_at has passed', { resetAt: '2026-12-01T08:59:59Z' }, 60],
    ['reset_at is a word', { resetAt: 'soon' }, 60],
    ['reset_at is far off', { resetAt: '9999-12-31T00:00:00Z' }, 120],
    ['reset_at is now', { resetAt: '2026-12-01T09:00:00Z' }, 60],
    ['reset_at is almost now', { resetAt: '2026-12-01T09:00:00.200Z' }, 1],
    ['X-RateLimit-Reset is 20 s ahead', { rateLimitReset: unix(20) }, 20],
    ['X-RateLimit-Reset is an hour ahead', { rateLimitReset: unix(3_600) }, 120],
    ['X-RateLimit-Reset is no Unix time', { rateLimitReset: '20' }, 60],
    ['X-RateLimit-Reset is in milliseconds', { rateLimitReset: `${unix(20)}000` }, 60],
    ['X-RateLimit-Reset has text before it', { rateLimitReset: `at ${unix(20)}` }, 60],
    ['X-RateLimit-Reset has text behind it', { rateLimitReset: `${unix(20)} s` }, 60],
    ['Retry-After is an ISO instant', { retryAfter: '2026-12-01T09:00:30Z' }, 60],
    [
      'several are told: the latest',
      { retryAfter: '5', resetAt: '2026-12-01T09:00:40Z', rateLimitReset: unix(20) },
      40,
    ],
    ['one of two has passed: the other', { retryAfter: '5', resetAt: '2026-12-01T08:00:00Z' }, 5],
    ['one of two cannot be read: the other', { retryAfter: '5', resetAt: 'soon' }, 5],
  ])('when %s', (_, told, seconds) => {
    expect(retryAtMs(told, NOW)).toBe(NOW + seconds * 1_000);
  });

  it('is 1 s to 24 h ahead for any answer', () => {
    const text = fc.option(fc.oneof(fc.string(), fc.integer().map(String)), { nil: undefined });
    fc.assert(
      fc.property(text, text, text, (resetAt, retryAfter, rateLimitReset) => {
        const waitMs = retryAtMs({ resetAt, retryAfter, rateLimitReset }, NOW) - NOW;
        expect(waitMs).toBeGreaterThanOrEqual(1_000);
        expect(waitMs).toBeLessThanOrEqual(86_400_000);
      }),
    );
  });
});
