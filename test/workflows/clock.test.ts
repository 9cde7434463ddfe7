import { currentMs, markPassed } from '../../src/workflows/clock';

describe('the time of a workflow', () => {
  it('is the time of the workflow task', () => {
    const before = Date.now();
    expect(currentMs()).toBeGreaterThanOrEqual(before);
  });

  it('is never earlier than a timer that has fired', () => {
    const atMs = Date.now() + 60_000;
    markPassed(atMs);
    markPassed(atMs - 30_000);
    expect(currentMs()).toBe(atMs);
  });
});
