import type { WorkflowHandle } from '@temporalio/client';
import { inputFor, until } from '../support/rig';
import { startCluster, type Cluster } from './support/cluster';

/** Worker processes that were frozen, or whose clock is apart from the server's. */
let cluster: Cluster;
let nextNumber = 7000;

const SHORT = { call_settings: { max_duration: '60s', join_timeout: '10s' } };
const SILENT = { webhooks: { events: [] } };

beforeAll(async () => {
  cluster = await startCluster();
});

afterAll(() => cluster.stop());

async function begin(taskQueue: string, plan: object, rest: Parameters<typeof inputFor>[1] = {}) {
  const number = `+1415555${nextNumber++}`;
  await cluster.plan({ numbers: { [number]: plan } });
  return cluster.start(taskQueue, inputFor(number, { ...rest, call: SHORT }));
}

async function counts(handle: WorkflowHandle) {
  const { dials, posts } = await cluster.seen(handle);
  return { dials: dials.length, posts: posts.length };
}

it('F4b worker SIGSTOPped while it polls and resumed after its dials were given up: no byte leaves', async () => {
  const frozen = await cluster.worker();
  process.kill(frozen.pid, 'SIGSTOP');
  const other = await cluster.worker(frozen.taskQueue);
  const handles = await Promise.all(
    Array.from({ length: 12 }, () => begin(frozen.taskQueue, SILENT)),
  );
  // The server hands some of the dials to polls of the frozen process.
  const given = await until(async () => {
    const views = await Promise.all(handles.map((one) => cluster.view(one).catch(() => undefined)));
    const isPlacing = views.some((view) => view === undefined || view.phase === 'placing');
    const unclear = handles.filter((_, index) => views[index]?.phase === 'unclear');
    return !isPlacing && unclear.length > 0 && unclear;
  });
  await other.kill('SIGKILL');
  process.kill(frozen.pid, 'SIGCONT');
  // It takes new work only after what it was handed before.
  const next = await begin(frozen.taskQueue, {});
  await until(async () => (await counts(next)).dials === 1);
  for (const handle of given) {
    expect((await cluster.result(handle)).outcome).toBe('unknown');
    expect(await counts(handle)).toEqual({ dials: 0, posts: 0 });
  }
});

it.each([
  ['behind', -3_000],
  ['ahead of', 3_000],
])('a worker whose clock is 3 s %s the server’s places and reads: 1 post', async (_, offMs) => {
  const { taskQueue } = await cluster.worker(undefined, { CLOCK_OFF_MS: String(offMs) });
  const plan = { ...SILENT, times: { endMs: 20_000 } };
  const handle = await begin(taskQueue, plan, { completion: { mode: 'poll' } });
  expect(await cluster.result(handle)).toMatchObject({
    outcome: 'answered',
    attempts: [{ placedBy: 'response', learnedBy: 'poll' }],
  });
  expect(await counts(handle)).toEqual({ dials: 1, posts: 1 });
});
