import { withTimeout } from '../../src/runtime/timeout';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

it('returns the result and clears its timer', async () => {
  await expect(withTimeout(1_000, Promise.resolve(7))).resolves.toBe(7);
  expect(jest.getTimerCount()).toBe(0);
});

it('rejects after the limit', async () => {
  const late = withTimeout(1_000, new Promise(() => undefined)).catch(
    (error: Error) => error.message,
  );
  await jest.advanceTimersByTimeAsync(1_000);
  expect(await late).toBe('no answer');
});
