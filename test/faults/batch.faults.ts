import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { begin } from '../cli/support/run';
import { until } from '../support/rig';
import { startCluster, type Cluster } from './support/cluster';

/** A batch whose command is killed, or loses its server, while calls are open. */
let cluster: Cluster;
let folder: string;

beforeAll(async () => {
  cluster = await startCluster();
  folder = await mkdtemp(join(tmpdir(), 'truedy-batch-faults-'));
});

afterAll(async () => {
  await cluster.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Writes a file with this many rows, and gives access to its dials and results. */
async function newBatch(name: string, rows: number) {
  const path = join(folder, `${name}.csv`);
  const out = join(folder, `${name}-results.csv`);
  const lines = Array.from({ length: rows }, (_, index) => `+14155550100,order-${index}`);
  await writeFile(path, ['phone_number,key', ...lines].join('\n'));
  const worker = await cluster.worker();
  return {
    worker,
    begin: (...flags: readonly string[]) =>
      begin(['batch', 'run', path, '--agent', 'agent_1', '--yes', '--out', out, ...flags], {
        TEMPORAL_ADDRESS: cluster.server.address,
        TRUEDY_TASK_QUEUE: worker.taskQueue,
      }),
    /** The dialed references, one for each dial. */
    async dialed(): Promise<readonly string[]> {
      const { dials } = await cluster.ledger();
      return dials.map(({ ref }) => ref).filter((ref) => ref.includes(`call/${name}/`));
    },
    /** The keys in the results file, one for each line. */
    async reported(): Promise<readonly string[]> {
      const [, ...results] = (await readFile(out, 'utf8').catch(() => '')).trim().split('\n');
      return results.map((line) => line.split(',')[1] ?? '');
    },
  };
}

it('B1 500 rows, the command killed half-way and resumed: 500 dials, 0 doubled, 500 results', async () => {
  const batch = await newBatch('killed', 500);
  const first = batch.begin();
  await until(async () => (await batch.dialed()).length >= 250);
  first.child.kill('SIGKILL');
  await first.ran;
  const before = await batch.reported();
  expect(before.length).toBeGreaterThan(0);
  expect(before.length).toBeLessThan(500);

  const { exit, stderr } = await batch.begin('--resume').ran;
  expect(stderr).toContain('500 of 500 rows ended: 500 answered.');
  expect(exit).toBe(0);
  const dialed = await batch.dialed();
  expect([dialed.length, new Set(dialed).size]).toEqual([500, 500]);
  const reported = await batch.reported();
  expect([reported.length, new Set(reported).size]).toEqual([500, 500]);
  expect(reported.slice(0, before.length)).toEqual(before);
  await batch.worker.kill('SIGKILL');
});

it('B2 Temporal killed and not restarted: exit 4 with the command that continues; resumed, no call is lost', async () => {
  const batch = await newBatch('away', 60);
  const first = batch.begin('--max-in-flight', '10');
  await until(async () => (await batch.reported()).length >= 10);
  await cluster.server.kill('SIGKILL');
  const { exit, stderr } = await first.ran;
  expect(exit).toBe(4);
  expect(stderr).toMatch(/^TT1001 .*$/m);
  expect(stderr.trim().split('\n').at(-1)).toMatch(
    /^ {8}temporal-truedy batch run \S+away\.csv --agent agent_1 .*--resume$/,
  );

  await cluster.server.restart();
  const again = await batch.begin('--resume').ran;
  expect(again.stderr).toMatch(/60 of 60 rows ended/);
  const dialed = await batch.dialed();
  expect(new Set(dialed).size).toBe(dialed.length);
  const reported = await batch.reported();
  expect([reported.length, new Set(reported).size]).toEqual([60, 60]);
  await batch.worker.kill('SIGKILL');
});
