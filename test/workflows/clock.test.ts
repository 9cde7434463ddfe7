import { currentMs, hasPassed } from '../../src/workflows/clock';

describe('the time of a workflow', () => {
  it('is the time of the workflow task', () => {
    const before = Date.now();
    expect(currentMs()).toBeGreaterThanOrEqual(before);
  });

  it('is never earlier than a timer that has fired', () => {
    const atMs = Date.now() + 60_000;
    hasPassed(atMs);
    hasPassed(atMs - 30_000);
    expect(currentMs()).toBe(atMs);
  });
});
