import { inputFor, until } from '../support/rig';
import { startCluster, type Cluster } from './support/cluster';

/** A server that is killed and restarted on its database file, and a backlog beyond the rate limit. */
let cluster: Cluster;

const KILLS = 3;

beforeAll(async () => {
  cluster = await startCluster();
});

afterAll(async () => {
  await cluster.stop();
});

it(`F38 the server SIGKILLed ${KILLS} times: every call ends, one dial each, no early reads`, async () => {
  const { taskQueue } = await cluster.worker();
  const silent = { webhooks: { events: [] } };
  const numbers = Array.from({ length: 8 }, (_, index) => `+1415555${2000 + index}`);
  const plan = { ...silent, phone: 'stuck_in_progress' };
  await cluster.plan({ numbers: Object.fromEntries(numbers.map((number) => [number, plan])) });
  const handles = await Promise.all(
    numbers.map((number) =>
      cluster.start(taskQueue, inputFor(number, { completion: { mode: 'poll' } })),
    ),
  );
  for (const handle of handles) {
    await until(async () => (await cluster.seen(handle)).dials.length > 0);
  }
  for (let kill = 0; kill < KILLS; kill += 1) {
    await cluster.server.kill('SIGKILL');
    await cluster.server.restart();
  }
  for (const handle of handles) {
    const { dials } = await cluster.seen(handle);
    const end = { status: 'ended', duration_seconds: 30, outcome: 'answered' };
    await cluster.control(`calls/${dials[0]?.callId}/end`, end);
  }
  const results = await Promise.all(handles.map((handle) => cluster.result(handle)));
  expect(results.map(({ outcome }) => outcome)).toEqual(handles.map(() => 'answered'));
  const reads = (await cluster.requests()).filter(({ kind }) => kind === 'read');
  for (const handle of handles) {
    const { dials } = await cluster.seen(handle);
    expect(dials).toHaveLength(1);
    const times = reads
      .filter(({ callId }) => callId === dials[0]?.callId)
      .map(({ at }) => Date.parse(at));
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    // 5 s at 1:100.
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(50);
  }
});

it('F54 20 live calls before 200 queued dials: every result is read within two poll intervals', async () => {
  const pollEveryMs = 3_000;
  const { taskQueue, kill } = await cluster.worker(undefined, {
    TRUEDY_REQUESTS_PER_MINUTE: '900',
    TRUEDY_TIME_SCALE: '10',
  });
  const number = '+14155553000';
  await cluster.plan({
    numbers: { [number]: { phone: 'stuck_in_progress', webhooks: { events: [] } } },
  });
  const input = inputFor(number, { completion: { mode: 'poll', pollEvery: '30s' } });
  const live = await Promise.all(Array.from({ length: 20 }, () => cluster.start(taskQueue, input)));
  await until(async () => {
    const phases = await Promise.all(live.map(async (one) => (await cluster.view(one)).phase));
    return phases.every((phase) => phase === 'in_progress');
  });
  const queued = await Promise.all(
    Array.from({ length: 200 }, () => cluster.start(taskQueue, inputFor(number))),
  );
  const ids = await Promise.all(live.map(async (one) => (await cluster.view(one)).callId));
  const endedMs = Date.now();
  for (const id of ids) {
    await cluster.control(`calls/${id}/end`, { status: 'ended', duration_seconds: 9 });
  }
  const results = live.map(async (one) => {
    await cluster.result(one);
    return Date.now() - endedMs;
  });
  const lags = await Promise.all(results);
  expect(Math.max(...lags)).toBeLessThan(2 * pollEveryMs);
  const { dials } = await cluster.ledger();
  const dialed = dials.filter((dial) => dial.number === number).length - live.length;
  // The results came first, while the backlog was not empty yet.
  expect(dialed).toBeLessThan(queued.length);
  await Promise.all(queued.map((one) => one.terminate().catch(() => undefined)));
  await kill('SIGKILL');
});
