import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { inputFor, until } from '../support/rig';
import { inPhase } from '../support/steer';
import { startCluster, type Cluster } from './support/cluster';

/** Worker processes that were frozen, or whose clock differs from the server's. */
let cluster: Cluster;
let nextNumber = 7000;

const { PENDING_ACTIVITY_STATE_STARTED: STARTED } = temporal.api.enums.v1.PendingActivityState;
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

/** Starts three worker processes so that only a frozen one polls for the dials of some calls. */
async function giveDialsToFrozenProcess() {
  const queue = `frozen-${randomUUID()}`;
  const api = { TRUEDY_API_TASK_QUEUE: `${queue}-api` };
  const frozen = await cluster.worker(`${queue}-own`, api);
  const first = await cluster.worker(queue, api);
  const notBefore = new Date(Date.now() + 3_600_000).toISOString();
  const handles = await Promise.all([1, 2, 3].map(() => begin(queue, SILENT, { notBefore })));
  // Their plans now contain the queue for dials.
  await Promise.all(handles.map((one) => inPhase(one, 'waiting')));
  await first.kill('SIGKILL');
  process.kill(frozen.pid, 'SIGSTOP');
  await cluster.worker(queue, { TRUEDY_API_TASK_QUEUE: `${queue}-other` });
  await Promise.all(handles.map((one) => one.executeUpdate('redialNow')));
  await until(async () => {
    const runs = await Promise.all(handles.map((one) => one.describe()));
    return runs.every(({ raw }) => raw.pendingActivities?.[0]?.state === STARTED);
  });
  return { frozen, handles };
}

it('F4b worker SIGSTOPped while it polls and resumed after its dials timed out: no byte is sent', async () => {
  const { frozen, handles } = await giveDialsToFrozenProcess();
  await Promise.all(handles.map((one) => inPhase(one, 'unclear')));
  process.kill(frozen.pid, 'SIGCONT');
  // The worker executes new tasks only after the earlier ones.
  const next = await begin(frozen.taskQueue, {});
  await until(async () => (await counts(next)).dials === 1);
  for (const handle of handles) {
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

it('a query that waits for a worker together with a timer does not set back the clock of a run', async () => {
  const first = await cluster.worker();
  const lost = { ...SILENT, post: { kind: 'cut', dials: false } };
  const handles = await Promise.all([1, 2, 3].map(() => begin(first.taskQueue, lost)));
  await Promise.all(handles.map((one) => inPhase(one, 'unclear')));
  await first.kill('SIGKILL');
  // The request settles while no worker runs, so its timer fires together with the query.
  const queries = handles.map((one) => cluster.view(one));
  const second = await cluster.worker(first.taskQueue);
  await Promise.all(queries);
  await until(async () => {
    const events = await Promise.all(handles.map(async (one) => (await one.fetchHistory()).events));
    return events.every((of) => of?.some((event) => event.timerFiredEventAttributes));
  });
  // Another worker must replay the history with the same result.
  await second.kill('SIGKILL');
  await cluster.worker(first.taskQueue);
  const results = await Promise.all(handles.map((one) => cluster.result(one)));
  expect(results.map(({ outcome }) => outcome)).toEqual(['unknown', 'unknown', 'unknown']);
});
