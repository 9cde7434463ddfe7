import { inputFor } from '../support/rig';
import { violations, type Observed } from './support/checker';
import { startCluster, type Cluster } from './support/cluster';

/** Many concurrent calls. Seed and reference select the fault of each, so the same seed gives the same faults. */
const SEEDS = ['spring', 'summer', 'autumn'];
const CALLS = 300;

const FAULTS = [
  { chance: 0.12, plan: { post: { kind: 'cut', dials: true } } },
  { chance: 0.08, plan: { post: { kind: 'cut', dials: false } } },
  { chance: 0.1, plan: { post: { kind: 'answer', status: 500, dials: true } } },
  { chance: 0.06, plan: { post: { kind: 'answer', status: 503, dials: false } } },
  {
    chance: 0.1,
    plan: { post: { kind: 'answer', status: 429, dials: false, resetAfterMs: 1_000 } },
  },
  { chance: 0.08, plan: { post: { kind: 'late', afterMs: 1_000, cutMs: 20 } } },
  { chance: 0.08, plan: { post: { kind: 'broken', how: 'truncated' } } },
  { chance: 0.08, plan: { post: { kind: 'broken', how: 'html' } } },
  { chance: 0.06, plan: { post: { kind: 'says_failed', corrected: true } } },
  { chance: 0.06, plan: { post: { kind: 'slow', afterMs: 1_500 } } },
  { chance: 0.06, plan: { webhooks: { events: [] } } },
  { chance: 0.06, plan: { webhooks: { copies: 5, reversed: true } } },
  { chance: 0.06, plan: { read: { fail: { status: 500, times: 3 } }, webhooks: { events: [] } } },
];

const SHORT = { call_settings: { max_duration: '60s', join_timeout: '10s' } };

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
});

afterAll(async () => {
  await cluster.stop();
});

it.each(SEEDS)(
  `${CALLS} calls with faults of seed %s: 0 lost, 0 doubled, one result each`,
  async (seed) => {
    await cluster.plan({
      reset: true,
      rateLimit: { perMinute: null },
      seed: { value: seed, posts: 1, faults: FAULTS },
    });
    const worker = await cluster.worker();
    const ids = Array.from({ length: CALLS }, (_, index) => `call/${seed}-${index}`);
    const input = inputFor('+14155551234', { call: SHORT });
    const handles = await Promise.all(
      ids.map((workflowId) => cluster.start(worker.taskQueue, input, workflowId)),
    );
    const results = await Promise.all(handles.map((handle) => cluster.result(handle)));
    await worker.kill('SIGKILL');
    const { dials } = await cluster.ledger();
    const runs = handles.map(({ workflowId }, index): Observed => {
      const ours = dials.filter(({ ref }) => ref.startsWith(`default/${workflowId}#`));
      return { workflowId, dials: ours, ...(results[index] && { result: results[index] }) };
    });
    expect(violations(runs)).toEqual([]);
    const dialed = runs.filter((run) => run.dials.length === 1).length;
    expect(dialed).toBeGreaterThan(CALLS / 2);
    const unknown = results.filter(({ outcome }) => outcome === 'unknown').length;
    process.stderr.write(`seed ${seed}: ${dialed} dials, ${unknown} unknown\n`);
  },
);
