import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { WorkflowNotFoundError } from '@temporalio/client';
import { cliRoutes, findCli } from '../../src/testing/dev-server/find-cli';
import { inputFor, startRig, until, type Rig } from '../support/rig';
import { testAddress } from '../support/temporal';

const ROOT = join(__dirname, '../..');
const NODE = [process.execPath, '--import', require.resolve('tsx')];
const MARK = 'STOPPING_TEST_MARK';
const ANSWERED = '+14155550101';
const NEXT_YEAR = `${new Date().getFullYear() + 1}-01-04T09:00:00Z`;
/** Idle processes stop within this time. The grace period of a worker is 240 s. */
const PROMPTLY_MS = 2_000;

let rig: Rig;
/** A folder on the PATH that contains `temporal-truedy`. */
let folder: string;
let temporal: string;
const marks: string[] = [];

beforeAll(async () => {
  rig = await startRig();
  folder = await mkdtemp(join(tmpdir(), 'truedy-stopping-'));
  const command = join(folder, 'temporal-truedy');
  const starter = [...NODE, join(ROOT, 'src/starter.ts')].map((word) => `'${word}'`).join(' ');
  await writeFile(command, `#!/bin/sh\nexec ${starter} "$@"\n`);
  await chmod(command, 0o755);
  ({ path: temporal } = await findCli(cliRoutes(process.env, () => undefined)));
});
afterEach(async () => {
  for (const mark of marks.splice(0)) {
    // Left over from a failed test.
    for (const line of await processesWith(mark)) {
      await promisify(execFile)('kill', ['-9', String(pidIn(line))]).catch(() => undefined);
    }
  }
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await rig.stop();
});

/** Starts a command, marks all its processes by an environment variable, and waits until it is ready. */
async function begin(
  command: readonly string[],
  ready: RegExp,
  settings: NodeJS.ProcessEnv = {},
  cwd = tmpdir(),
) {
  const value = randomUUID();
  const mark = `${MARK}=${value}`;
  marks.push(mark);
  // As in a user's shell. Jest itself may be run by npm.
  const { npm_lifecycle_event: _, TEMPORAL_ADDRESS: __, ...env } = process.env;
  const [file = '', ...args] = command;
  const child = spawn(file, args, {
    cwd,
    env: {
      ...env,
      PATH: [folder, env['PATH']].join(delimiter),
      TSX_TSCONFIG_PATH: join(ROOT, 'tsconfig.json'),
      TEMPORAL_ADDRESS: testAddress(),
      TRUEDY_API_KEY: 'truedy_testkey_0123456789',
      TRUEDY_BASE_URL: `${rig.origin}/api/public/v1`,
      TRUEDY_TASK_QUEUE: rig.taskQueue,
      TRUEDY_WEBHOOK_SECRETS: 'whsec_test_0123456789abcdef',
      WEBHOOK_PORT: '0',
      SIMULATOR_PORT: '0',
      ...settings,
      [MARK]: value,
    },
    stdio: 'pipe',
  });
  let output = '';
  const listen = (text: string) => (output += text);
  child.stdout.setEncoding('utf8').on('data', listen);
  child.stderr.setEncoding('utf8').on('data', listen);
  const ended = once(child, 'exit').then(([exit, signal]) => ({ exit, signal, output }));
  await Promise.race([until(async () => ready.test(output)), ended]);
  if (!ready.test(output)) throw new Error(`${command.join(' ')} did not get ready: ${output}`);
  return { child, ended, left: () => processesWith(mark) };
}

async function processesWith(mark: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)('ps', ['axeww', '-o', 'pid=,args='], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout.split('\n').filter((line) => line.includes(mark));
}

function pidIn(line: string): number {
  return Number.parseInt(line, 10);
}

/** New task queues, because the rig's worker polls its own. */
function ownQueues() {
  const taskQueue = `stopping-${randomUUID()}`;
  return { TRUEDY_TASK_QUEUE: taskQueue, TRUEDY_API_TASK_QUEUE: `${taskQueue}-api` };
}

/** Starts a call that waits until next year, and returns its key. */
async function waiting(): Promise<string> {
  const key = randomUUID();
  await rig.start(inputFor(ANSWERED, { notBefore: NEXT_YEAR }), `call/${key}`);
  return key;
}

const PROCESSES = {
  worker: { script: 'worker', file: 'src/worker.ts', ready: /Worker ready/ },
  bridge: { script: 'bridge', file: 'src/webhook/server.ts', ready: /Bridge ready/ },
  simulator: {
    script: 'simulator',
    file: 'src/testing/simulator/server.ts',
    ready: /Simulator ready/,
  },
} as const;

const VERBS = {
  watch: { args: (key: string) => ['watch', key], ready: /waiting/ },
  result: { args: (key: string) => ['result', key], ready: /Waiting for/ },
  'start --wait': {
    args: (key: string) => {
      const call = ['--to', ANSWERED, '--agent', 'a', '--key', key, '--not-before', NEXT_YEAR];
      return ['start', '--wait', ...call];
    },
    ready: /Waiting for/,
  },
} as const;

const names = <T extends object>(table: T) => Object.keys(table) as (keyof T)[];

describe.each(['SIGINT', 'SIGTERM'] as const)('on %s', (signal) => {
  it.each(names(PROCESSES))('an idle %s exits promptly with 0', async (name) => {
    const { file, ready } = PROCESSES[name];
    const { child, ended, left } = await begin([...NODE, join(ROOT, file)], ready, ownQueues());
    const stoppedMs = Date.now();
    child.kill(signal);
    expect(await ended).toMatchObject({ exit: 0 });
    expect(Date.now() - stoppedMs).toBeLessThan(PROMPTLY_MS);
    expect(await left()).toEqual([]);
  });

  it.each(names(VERBS))('%s exits with 130 and prints that the call continues', async (name) => {
    const { args, ready } = VERBS[name];
    const key = await waiting();
    const { child, ended } = await begin(['temporal-truedy', ...args(key)], ready);
    child.kill(signal);
    const { exit, output } = await ended;
    expect(exit).toBe(130);
    expect(output).toContain(`Interrupted. The call continues: temporal truedy watch ${key}`);
    expect((await rig.client.workflow.getHandle(`call/${key}`).describe()).status.name).toBe(
      'RUNNING',
    );
  });
});

it('lets a worker wait for the response to a request that dials', async () => {
  const number = '+14155550150';
  await rig.plan({ numbers: { [number]: { post: { kind: 'slow', afterMs: 1_500 } } } });
  const queues = ownQueues();
  const { file, ready } = PROCESSES.worker;
  const { child, ended } = await begin([...NODE, join(ROOT, file)], ready, queues);
  const handle = await rig.client.workflow.start('OutboundCallWorkflow', {
    taskQueue: queues.TRUEDY_TASK_QUEUE,
    workflowId: `call/${randomUUID()}`,
    args: [inputFor(number)],
  });
  await until(async () => (await rig.seen(handle)).dials.length === 1);
  expect(await rig.events(handle)).not.toContain('ACTIVITY_TASK_COMPLETED');
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ exit: 0 });
  expect(await rig.events(handle)).toContain('ACTIVITY_TASK_COMPLETED');
});

describe('run by npm', () => {
  const scripts = [
    ['worker', [], PROCESSES.worker.ready],
    ['call', ['watch'], VERBS.watch.ready],
  ] as const;
  const cases = scripts.flatMap(([script, args, ready]) =>
    (['SIGTERM', 'SIGKILL'] as const).map((signal) => ({ script, args, ready, signal })),
  );

  it.each(cases)('$script $args stops when npm receives $signal', async (one) => {
    const args = one.args.length === 0 ? [] : [...one.args, await waiting()];
    const settings = one.script === 'worker' ? ownQueues() : {};
    const command = ['npm', 'run', one.script, '--', ...args];
    const { child, left } = await begin(command, one.ready, settings, ROOT);
    child.kill(one.signal);
    await until(async () => (await left()).length === 0);
  });
});

describe('run by temporal', () => {
  it.each(names(VERBS))('%s stops when temporal is killed', async (name) => {
    const { args, ready } = VERBS[name];
    const command = [temporal, 'truedy', ...args(await waiting())];
    const { child, left } = await begin(command, ready);
    child.kill('SIGKILL');
    await until(async () => (await left()).length === 0);
  });

  it('a batch starts no more calls when temporal is killed', async () => {
    const name = `b-${randomUUID()}`;
    const file = join(folder, `${name}.csv`);
    await writeFile(file, `phone_number,key\n${ANSWERED},a\n${ANSWERED},b\n`);
    const flags = ['--agent', 'a', '--max-in-flight', '1', '--not-before', NEXT_YEAR];
    const command = [temporal, 'truedy', 'batch', 'run', file, ...flags];
    const { child, left } = await begin(command, /^/);
    const [first, second] = ['a', 'b'].map((key) =>
      rig.client.workflow.getHandle(`call/${name}/${key}`),
    );
    await until(async () => first?.describe().catch(() => undefined));
    child.kill('SIGKILL');
    await until(async () => (await left()).length === 0);
    await expect(second?.describe()).rejects.toThrow(WorkflowNotFoundError);
  });

  it('the demo stops all its processes when temporal is killed', async () => {
    const { child, left } = await begin([temporal, 'truedy', 'demo'], /✓ Webhooks/, {
      TEMPORAL_ADDRESS: undefined,
    });
    child.kill('SIGKILL');
    await until(async () => (await left()).length === 0);
  });
});

it('continues when the shell that started it exits', async () => {
  const { file, ready } = PROCESSES.bridge;
  const bridge = [...NODE, join(ROOT, file)];
  const quoted = bridge.map((word) => `'${word}'`).join(' ');
  const { child, ended, left } = await begin(['/bin/sh', '-c', `${quoted} & read end`], ready);
  child.stdin.end();
  await ended;
  const [line = ''] = await left();
  // Another process starts and stops, which takes longer than noticing the exit of a parent.
  const other = await begin(bridge, ready);
  other.child.kill('SIGTERM');
  await other.ended;
  expect(await left()).toEqual([line]);
  process.kill(pidIn(line), 'SIGTERM');
  await until(async () => (await left()).length === 0);
});
