import { objectionOfTime } from '../../src/activities/objection-of-time';
import type { DialConditions } from '../../src/call/dial-request';
import type { Placed } from '../../src/call/placement';
import { NOW } from './support/environment';
import { SECOND, HOUR, CONDITIONS } from './support/dispatch';

beforeEach(() => {
  jest.useFakeTimers({ now: NOW });
});

afterEach(() => {
  jest.useRealTimers();
});

describe('objectionOfTime', () => {
  // 09:00 UTC is 10:00 in Berlin.
  const OPEN = { timeZone: 'Europe/Berlin', from: '09:00', to: '18:00' };
  const CLOSED = { timeZone: 'Europe/Berlin', from: '12:00', to: '18:00' };
  const later = (reason: string, untilMs: number) =>
    ({ kind: 'deferred', cause: 'conditions', reason, untilMs }) as const;
  const expired = (reason: string) => ({ kind: 'withheld', outcome: 'expired', reason }) as const;

  it.each<[string, Partial<DialConditions>, Placed | undefined]>([
    ['nothing is asked for', {}, undefined],
    ['notBefore is now', { notBeforeMs: NOW }, undefined],
    ['notBefore lies ahead', { notBeforeMs: NOW + 1 }, later('before notBefore', NOW + 1)],
    ['expiresAt lies ahead', { expiresAtMs: NOW + 1 }, undefined],
    ['expiresAt is now', { expiresAtMs: NOW }, expired('expiresAt has passed')],
    ['expiresAt has passed', { expiresAtMs: NOW - 1 }, expired('expiresAt has passed')],
    ['the window is open', { window: OPEN }, undefined],
    ['the window is closed', { window: CLOSED }, later('outside the window', NOW + 2 * HOUR)],
    [
      'notBefore lies in the open window',
      { window: OPEN, notBeforeMs: NOW + HOUR },
      later('before notBefore', NOW + HOUR),
    ],
    [
      'notBefore lies after the window',
      { window: OPEN, notBeforeMs: NOW + 10 * HOUR },
      later('before notBefore', NOW + 23 * HOUR),
    ],
    [
      'the window opens after notBefore',
      { window: CLOSED, notBeforeMs: NOW + HOUR },
      later('outside the window', NOW + 2 * HOUR),
    ],
    [
      'expiresAt comes before the window opens',
      { window: CLOSED, expiresAtMs: NOW + HOUR },
      expired('expiresAt comes before the next allowed time'),
    ],
    [
      'expiresAt comes when the window opens',
      { window: CLOSED, expiresAtMs: NOW + 2 * HOUR },
      expired('expiresAt comes before the next allowed time'),
    ],
    [
      'expiresAt comes after the window opens',
      { window: CLOSED, expiresAtMs: NOW + 2 * HOUR + 1 },
      later('outside the window', NOW + 2 * HOUR),
    ],
    [
      'expiresAt comes before a notBefore that was moved',
      { notBeforeMs: NOW + 2, expiresAtMs: NOW + 1 },
      expired('expiresAt comes before the next allowed time'),
    ],
    [
      'expiresAt has passed and the window is closed',
      { window: CLOSED, expiresAtMs: NOW - 1 },
      expired('expiresAt has passed'),
    ],
  ])('when %s', (_, conditions, objection) => {
    const now = { earliestMs: NOW, latestMs: NOW };
    expect(objectionOfTime({ ...CONDITIONS, ...conditions }, now)).toEqual(objection);
  });
});

describe('objectionOfTime, with an uncertain clock', () => {
  // 09:00 UTC is 10:00 in Berlin.
  const CLOSES = { timeZone: 'Europe/Berlin', from: '09:00', to: '10:01' };
  const now = { earliestMs: NOW, latestMs: NOW + 60 * SECOND };

  it('rejects a call that may have expired', () => {
    const conditions = { ...CONDITIONS, expiresAtMs: NOW + 30 * SECOND };
    expect(objectionOfTime(conditions, now)).toMatchObject({ outcome: 'expired' });
  });

  it('defers a call whose window may have closed', () => {
    const untilMs = NOW + 23 * HOUR;
    expect(objectionOfTime({ ...CONDITIONS, window: CLOSES }, now)).toMatchObject({
      kind: 'deferred',
      reason: 'outside the window',
      untilMs,
    });
  });

  it('defers a call that may be before notBefore', () => {
    const notBeforeMs = NOW + 30 * SECOND;
    const deferred = { kind: 'deferred', untilMs: notBeforeMs };
    expect(objectionOfTime({ ...CONDITIONS, notBeforeMs }, now)).toMatchObject(deferred);
  });
});
