import { serverSkewMs } from '../../src/temporal/server-clock';
import { testClient } from '../support/temporal';

let temporal: Awaited<ReturnType<typeof testClient>>;
beforeAll(async () => {
  temporal = await testClient();
});
afterAll(() => temporal.close());

it('is the same if the server runs on this machine', async () => {
  const skewMs = await serverSkewMs(temporal.connection, 'default');
  expect(Math.abs(skewMs ?? Infinity)).toBeLessThan(1_000);
});

it('is ahead of ours by as much as ours is behind', async () => {
  const slow = () => Date.now() - 90_000;
  const skewMs = await serverSkewMs(temporal.connection, 'default', slow);
  expect(Math.round((skewMs ?? 0) / 1_000)).toBe(90);
});
