import { askedToWaitMs } from '../../src/activities/retry-failures';
import { TruedyResponseError } from '../../src/truedy/errors';

const NOW = Date.parse('2026-12-01T09:00:00.000Z');
const limited = (afterMs: number) =>
  new TruedyResponseError('GET /calls/call_1', 429, { retryAtMs: NOW + afterMs });

describe('the wait before the next read', () => {
  it.each([
    ['no limit is named', new Error('x'), 0],
    ['Truedy names 5 s', limited(5_000), 5_000],
    ['Truedy names an hour, which would end the activity', limited(3_600_000), 120_000],
    ['that time has passed', limited(-1_000), 0],
  ])('is right for %s', (_, error, waitMs) => {
    expect(askedToWaitMs(error, NOW)).toBe(waitMs);
  });
});
