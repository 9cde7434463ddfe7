import { currentMs, hasPassed } from '../../src/workflows/clock';

describe('the time of a run', () => {
  it('is that of its task', () => {
    const before = Date.now();
    expect(currentMs()).toBeGreaterThanOrEqual(before);
  });

  it('is never before an instant that a timer has shown to have passed', () => {
    const atMs = Date.now() + 60_000;
    hasPassed(atMs);
    hasPassed(atMs - 30_000);
    expect(currentMs()).toBe(atMs);
  });
});
