import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Client, Connection, type WorkflowFailedError } from '@temporalio/client';
import { createDataConverter } from '../../src/codec';
import { cliRoutes, findCli } from '../../src/testing/dev-server/find-cli';
import { WORKFLOW_TYPE } from '../../src/workflows/messages';
import { K1, K2 } from '../codec/support/keys';
import { rawTexts } from '../codec/support/raw';
import { inputFor, until } from '../support/rig';
import { testAddress } from '../support/temporal';

const ROOT = join(__dirname, '../..');
const SECRETS = 'whsec_build_0123456789abcdef';
const KEY = 'truedy_build_0123456789';

interface Lock {
  readonly packages: Record<string, { readonly dev?: boolean; readonly devOptional?: boolean }>;
}

const run = promisify(execFile);
const children: ChildProcess[] = [];
let folder: string;
/** The content of the image: the build, and the production packages for this platform. */
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

/** The paths that the Dockerfile copies into the builder. */
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

/** Starts a command of the image, and waits until it is ready. */
async function start(file: string, settings: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [join('dist', file)], {
    cwd: image,
    env: { ...settings, TEMPORAL_ADDRESS: testAddress() },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = once(child, 'exit').then(([exit]) => exit as number | null);
  await Promise.race([until(async () => / ready on /.test(output)), ended]);
  return {
    output: () => output,
    url: () => /https?:\/\/\S+/.exec(output)?.[0] ?? '',
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

it('contains no sources, tests or development packages', () => {
  const names = ['src', 'test', 'tsx', 'esbuild', 'typescript', 'jest'];
  const places = names.flatMap((name) => [join(image, name), join(image, 'node_modules', name)]);
  expect(places.filter((path) => existsSync(path))).toEqual([]);
});

it.each([
  ['workflow-bundle.js', false],
  ['workflow-bundle-encrypted.js', true],
])('contains %s, with the converters that a worker needs', (name, isEncrypted) => {
  const bundle = readFileSync(join(image, 'dist', name), 'utf8');
  expect(bundle).toContain('unreadablePayload');
  expect(bundle.includes('encodeCommonAttributes: true })')).toBe(isEncrypted);
});

it('uses the workflow bundle only where a bundle from the build behaves as one made at the start', async () => {
  const choices = async () => {
    const script = `
      const { workflowCode } = require('./dist/workers/workflow-code.js');
      const connection = { plugins: [] };
      const given = [
        {},
        { dataConverter: { payloadCodecs: [] }, interceptors: { workflowModules: [], activity: [] } },
        { dataConverter: { failureConverterPath: 'a' } },
        { dataConverter: { payloadConverterPath: 'a' } },
        { interceptors: { workflowModules: ['a'] } },
        { plugins: [{ name: 'a' }] },
        { connection: { plugins: [{ name: 'a' }] } },
      ];
      const codes = given.map((one) => workflowCode({ connection, namespace: 'a', ...one }, {}));
      console.log(JSON.stringify(codes.map((code) => 'workflowBundle' in code)));
    `;
    const { stdout } = await run(process.execPath, ['-e', script], { cwd: image });
    return JSON.parse(stdout) as boolean[];
  };
  expect(await choices()).toEqual([true, true, false, false, false, false, false]);
  const builtBy = join(image, 'dist/workflow-bundle.sdk');
  const version = readFileSync(builtBy, 'utf8');
  await writeFile(builtBy, '1.23.0');
  expect(await choices()).toEqual([false, false, false, false, false, false, false]);
  await writeFile(builtBy, version);
});

it('runs with plain node: a call is placed, and a webhook reports how it ended', async () => {
  // The source of the bundle. Without it, bundling the workflows again would fail.
  await rm(join(image, 'dist/workflows/outbound-call.js'));
  const taskQueue = `build-${randomUUID()}`;
  const bridge = await start('webhook/server.js', {
    TRUEDY_WEBHOOK_SECRETS: SECRETS,
    WEBHOOK_PORT: '0',
  });
  const simulator = await start('testing/simulator/server.js', {
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
  expect(worker.output()).toMatch(/^Worker ready on /m);

  // `temporal` finds the extension as an executable on the PATH.
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
    attempts: [{ number: 1, learnedBy: 'webhook' }],
  });
  for (const one of [worker, bridge, simulator]) expect(await one.stop()).toBe(0);
}, 60_000);

it('encrypts messages of failures with its bundle, and waits for a missing key', async () => {
  const taskQueue = `build-${randomUUID()}`;
  const settings = {
    TRUEDY_API_KEY: KEY,
    TRUEDY_BASE_URL: 'http://127.0.0.1:1/api/public/v1',
    TRUEDY_TASK_QUEUE: taskQueue,
    TRUEDY_API_TASK_QUEUE: `${taskQueue}-api`,
    LOG_FORMAT: 'json',
  };
  const connection = await Connection.connect({ address: testAddress() });
  const client = new Client({ connection, dataConverter: createDataConverter({ keys: K1 }) });
  const options = { taskQueue, workflowId: `call/${randomUUID()}` };
  const args = [{ ...inputFor('+14155550142'), Canaria: 1 }];

  const stranger = await start('worker.js', { ...settings, TRUEDY_ENCRYPTION_KEYS: K2 });
  const handle = await client.workflow.start(WORKFLOW_TYPE, { ...options, args });
  await until(async () => /"keyId":"k1".*TT6004/.test(stranger.output()));
  expect(await stranger.stop()).toBe(0);

  const worker = await start('worker.js', { ...settings, TRUEDY_ENCRYPTION_KEYS: K1 });
  const error = await handle.result().catch((one: unknown) => one);
  expect((error as WorkflowFailedError).cause).toMatchObject({
    type: 'InvalidInput',
    message: expect.stringContaining('Canaria'),
  });
  const raw = await rawTexts({ client }, handle);
  expect(raw).not.toMatch(/canaria|4155550142/i);
  expect(raw).toContain('Encoded failure');
  expect(await worker.stop()).toBe(0);
  await connection.close();
}, 60_000);
