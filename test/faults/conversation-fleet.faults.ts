import { inputFor } from '../support/rig';
import { violations, type Observed } from './support/checker';
import { startCluster, type Cluster } from './support/cluster';

/** Kills random workers of a fleet while many calls of up to three attempts run. */
const SEEDS = [1, 2, 3];
const CONVERSATIONS = 100;
const KILLS = 4;

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
});

afterAll(async () => {
  await cluster.stop();
});

/** Random numbers from 0 to 1, the same for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

it.each(SEEDS)(
  `${CONVERSATIONS} calls with ${KILLS} killed workers, seed %s: 0 lost, 0 doubled, attempts in order`,
  async (seed) => {
    const random = createRandom(seed);
    const number = `+14155556${seed}00`;
    const phones = ['no_answer', 'busy', 'answered'] as const;
    await cluster.plan({
      reset: true,
      rateLimit: { perMinute: null },
      numbers: { [number]: { phones } },
    });
    const workers = [await cluster.worker()];
    const { taskQueue = '' } = workers[0] ?? {};
    workers.push(await cluster.worker(taskQueue));
    const input = inputFor(number, {
      call: { call_settings: { max_duration: '60s', join_timeout: '10s' } },
      redial: { maxAttempts: 3, after: { no_answer: ['1m'], busy: ['1m'] } },
    });
    const ids = Array.from({ length: CONVERSATIONS }, (_, index) => `call/fleet-${seed}-${index}`);
    const handles = await Promise.all(ids.map((id) => cluster.start(taskQueue, input, id)));
    const closed = Promise.all(handles.map((handle) => cluster.result(handle)));
    for (let kill = 0; kill < KILLS; kill += 1) {
      const victim = workers.splice(Math.floor(random() * workers.length), 1)[0];
      await victim?.kill('SIGKILL');
      // Starting a worker takes about a second, which is the time between two kills.
      workers.push(await cluster.worker(taskQueue));
    }
    const results = await closed;
    await Promise.all(workers.map((worker) => worker.kill('SIGKILL')));
    const { dials } = await cluster.ledger();
    const runs = handles.map(({ workflowId }, index): Observed => {
      const ours = dials.filter(({ ref }) => ref.startsWith(`default/${workflowId}#`));
      return { workflowId, dials: ours, ...(results[index] && { result: results[index] }) };
    });
    expect(violations(runs)).toEqual([]);
    for (const { dials: ours, result } of runs) {
      const attempts = ours.map(({ ref }) => Number(ref.split('#')[1]));
      expect(attempts).toEqual([...attempts].sort((a, b) => a - b));
      expect(attempts.length).toBeLessThanOrEqual(3);
      // An attempt ends before the next one is dialed.
      // An unknown attempt may have no time of its own, and no attempt follows it.
      const placed = result?.attempts.filter((attempt) => attempt.placedAt !== undefined) ?? [];
      for (const [index, { placedAt = '' }] of placed.slice(1).entries()) {
        const before = placed[index]?.endedAt ?? '';
        expect(Date.parse(placedAt)).toBeGreaterThanOrEqual(Date.parse(before));
      }
    }
  },
);
