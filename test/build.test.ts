import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cliRoutes, findCli } from '../src/testing/dev-server/find-cli';
import { until } from './support/rig';
import { testAddress } from './support/temporal';

const ROOT = join(__dirname, '..');
const SECRETS = 'whsec_build_0123456789abcdef';
const KEY = 'truedy_build_0123456789';

interface Lock {
  readonly packages: Record<string, { readonly dev?: boolean; readonly devOptional?: boolean }>;
}

const run = promisify(execFile);
const children: ChildProcess[] = [];
let folder: string;
/** What the image holds: the build and the packages of production, of this platform alone. */
let image: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'truedy-build-'));
  image = join(folder, 'image');
  const source = join(folder, 'source');
  for (const path of builderPaths()) {
    await mkdir(dirname(join(source, path)), { recursive: true });
    await cp(join(ROOT, path), join(source, path), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(source, 'node_modules'));
  await run('npm', ['run', 'build'], { cwd: source });
  await mkdir(image);
  await rename(join(source, 'dist'), join(image, 'dist'));
  await rm(source, { recursive: true });
  for (const path of productionPaths()) {
    await cp(join(ROOT, path), join(image, path), { recursive: true, filter: isOfThisPlatform });
  }
}, 60_000);
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

/** What the image's builder is given before it builds. */
function builderPaths(): string[] {
  const [, stage = ''] = readFileSync(join(ROOT, 'deploy/Dockerfile'), 'utf8').split(/^FROM /m);
  return [...stage.matchAll(/^COPY (.+) \S+$/gm)].flatMap(([, paths = '']) => paths.split(' '));
}

function productionPaths(): string[] {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock;
  return Object.entries(packages)
    .filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional)
    .map(([path]) => path)
    .filter((path) => existsSync(join(ROOT, path)));
}

function isOfThisPlatform(path: string): boolean {
  const ofTheWorker = createRequire(require.resolve('@temporalio/worker'));
  const { getPrebuiltTargetName } = ofTheWorker('@temporalio/core-bridge/common') as {
    getPrebuiltTargetName(): string;
  };
  const [, part, target] = /core-bridge\/(sdk-core|releases\/([^/]+))/.exec(path) ?? [];
  return part === undefined || target === getPrebuiltTargetName();
}

/** Starts one of the image's commands as it stands there, and waits for its ready line. */
async function start(file: string, settings: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [join('dist', file)], {
    cwd: image,
    env: { ...settings, TEMPORAL_ADDRESS: testAddress() },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'exit').then(([exit]) => exit as number | null);
  await Promise.race([until(async () => / ready on /.test(said)), ended]);
  return {
    said: () => said,
    url: () => /https?:\/\/\S+/.exec(said)?.[0] ?? '',
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

it('holds no source, no test and nothing that is for development', () => {
  const names = ['src', 'test', 'tsx', 'esbuild', 'typescript', 'jest'];
  const places = names.flatMap((name) => [join(image, name), join(image, 'node_modules', name)]);
  expect(places.filter((path) => existsSync(path))).toEqual([]);
});

it('holds the workflows with the converter that marks what cannot be decoded', () => {
  const bundle = readFileSync(join(image, 'dist/workflow-bundle.js'), 'utf8');
  expect(bundle).toContain('unreadablePayload');
});

it('runs by plain node: a call is placed, and its ending learned by webhook', async () => {
  // What the bundle was made of; whoever packs the workflows again misses it.
  await rm(join(image, 'dist/workflows/outbound-call.js'));
  const taskQueue = `build-${randomUUID()}`;
  const bridge = await start('webhook/server.js', {
    TRUEDY_WEBHOOK_SECRETS: SECRETS,
    WEBHOOK_PORT: '0',
  });
  const simulator = await start('simulator/server.js', {
    SIMULATOR_PORT: '0',
    SIMULATOR_SPEED: '20',
    SIMULATOR_API_KEY: KEY,
    SIMULATOR_WEBHOOK_URL: bridge.url(),
    SIMULATOR_WEBHOOK_SECRET: SECRETS,
  });
  const worker = await start('worker.js', {
    TRUEDY_API_KEY: KEY,
    TRUEDY_BASE_URL: simulator.url(),
    TRUEDY_TASK_QUEUE: taskQueue,
    TRUEDY_API_TASK_QUEUE: `${taskQueue}-api`,
  });
  expect(worker.said()).toMatch(/^Worker ready on /m);

  // As `temporal` finds it: a link on the PATH to a file that can be executed.
  const { path: temporal } = await findCli(cliRoutes(process.env, () => undefined));
  const bin = join(folder, 'bin');
  await mkdir(bin);
  await symlink(join(image, 'dist/starter.js'), join(bin, 'temporal-truedy'));
  const key = randomUUID();
  const call = ['--to', '+14155550101', '--agent', 'agent_1', '--key', key];
  const { stdout } = await run(temporal, ['-o', 'json', 'truedy', 'start', ...call, '--wait'], {
    cwd: folder,
    env: {
      PATH: [bin, dirname(process.execPath), process.env['PATH']].join(delimiter),
      HOME: folder,
      TEMPORAL_ADDRESS: testAddress(),
      TRUEDY_TASK_QUEUE: taskQueue,
    },
  });
  expect(JSON.parse(stdout)).toMatchObject({
    outcome: 'answered',
    attempts: [{ placedBy: 'response', learnedBy: 'webhook' }],
  });
  for (const one of [worker, bridge, simulator]) expect(await one.stop()).toBe(0);
}, 60_000);
