import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { testAddress } from './support/temporal';

const ROOT = join(__dirname, '..');
const PACKED = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', '.env.example', 'src'];
const BUILT_WITH = ['tsconfig.json', 'tsconfig.build.json', 'scripts/build.mjs'];
const TYPESCRIPT = '5.9.3';
const KINDS = ['commonjs', 'module'] as const;

interface Manifest {
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

const run = promisify(execFile);
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;
let folder: string;

/** One install for both kinds of project, since an install takes most of the time. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'truedy-package-'));
  await install(await pack());
  for (const kind of KINDS) await createProject(kind);
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Packs a copy of the repository, because packing builds `dist`. */
async function pack(): Promise<string> {
  const source = join(folder, 'source');
  await mkdir(join(source, 'scripts'), { recursive: true });
  for (const path of [...PACKED, ...BUILT_WITH]) {
    await cp(join(ROOT, path), join(source, path), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(source, 'node_modules'));
  await run('npm', ['pack', '--pack-destination', folder], { cwd: source });
  return join(folder, `temporal-truedy-${manifest.version}.tgz`);
}

/** Installs the package and the SDK, of the version that is tested here, as an application does. */
async function install(tarball: string): Promise<void> {
  const sdk = Object.keys(manifest.peerDependencies).map((name) => [name, installedVersion(name)]);
  const types = ['@types/node', installedVersion('@types/node')];
  const dependencies = Object.fromEntries([...sdk, types, ['typescript', TYPESCRIPT]]);
  const application = {
    private: true,
    dependencies: { 'temporal-truedy': `file:${tarball}`, ...dependencies },
  };
  await writeFile(join(folder, 'package.json'), JSON.stringify(application));
  const flags = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  await run('npm', ['install', ...flags], { cwd: folder });
}

function installedVersion(name: string): string {
  const path = join(ROOT, 'node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

async function createProject(kind: string): Promise<void> {
  const project = join(folder, kind);
  await mkdir(project);
  const files = {
    'package.json': JSON.stringify({ private: true, type: kind }),
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        target: 'es2022',
        module: 'nodenext',
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: false,
        types: ['node'],
      },
    }),
    'workflows.ts': WORKFLOWS,
    'doors.ts': DOORS,
    'app.ts': APPLICATION,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(project, name), text);
}

function node(kind: string, args: readonly string[]) {
  const environment = { ...process.env, ADDRESS: testAddress(), KEY: randomUUID() };
  return run(process.execPath, args, { cwd: join(folder, kind), env: environment });
}

/** The lines that the README shows: the import, the worker, the call. */
const [README_IMPORT = '', ...README_LINES] = codeOf(
  'README.md',
  'add it to my Temporal application',
);

/** The lines of a TypeScript block of a page: the first one after this text. */
function codeOf(path: string, after: string): readonly string[] {
  const [, rest = ''] = readFileSync(join(ROOT, path), 'utf8').split(after);
  const [, code = ''] = /```ts\n([^]*?)\n```/.exec(rest) ?? [];
  return code.split('\n');
}

const WORKFLOWS = `
import { executeChild } from '@temporalio/workflow';
import { WORKFLOW_TYPE, type OutboundCallInput, type OutboundCallWorkflow } from 'temporal-truedy/workflow';

export function Order(key: string, taskQueue: string, input: OutboundCallInput) {
  return executeChild<typeof OutboundCallWorkflow>(WORKFLOW_TYPE, {
    workflowId: 'call/' + key, taskQueue, args: [input],
  });
}
`;

const APPLICATION = `
import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
${README_IMPORT}
import { getCall } from 'temporal-truedy/workflow';
import { phones, startTruedy } from 'temporal-truedy/testing';
import type { Order } from './workflows.js';

async function main(): Promise<void> {
  const workflowsPath = join(process.cwd(), 'workflows.js');
  const truedy = await startTruedy({ address: process.env['ADDRESS'] ?? '', workers: false });
  const { client, connection, taskQueue, settings } = truedy;
  process.env['TRUEDY_API_KEY'] = settings.apiKey;
  process.env['TRUEDY_BASE_URL'] = settings.baseUrl;
  process.env['TRUEDY_TASK_QUEUE'] = taskQueue;
  process.env['TRUEDY_API_TASK_QUEUE'] = settings.apiTaskQueue;
  process.env['TRUEDY_TIME_SCALE'] = '100';
  const key = process.env['KEY'] ?? '';
  ${README_LINES.join('\n  ').replace("'order-4711'", 'key').replace("'orders'", 'key')}
  const outcomes = await worker.runUntil(async () => {
    const input = { call: { agent_id: 'agent_1', phone_number: phones.busy } };
    const parent = await client.workflow.execute<typeof Order>('Order', {
      workflowId: key, taskQueue: key, args: [key + '-child', taskQueue, input],
    });
    const { outcome } = await call.result();
    const { phase } = await call.query(getCall);
    return [outcome, phase, parent.outcome];
  });
  await truedy.stop();
  console.log(JSON.stringify(outcomes));
}
main().catch((error: unknown) => { console.error(error); process.exit(1); });
`;

const DOORS = `
import * as main from 'temporal-truedy';
import * as workflow from 'temporal-truedy/workflow';
import * as testing from 'temporal-truedy/testing';
import * as webhook from 'temporal-truedy/webhook';
import * as codec from 'temporal-truedy/codec';

const failure: main.TruedyFailure | undefined = main.toTruedyFailure(new Error('other'));
const problems: readonly main.InputProblem[] = main.inputProblems({});
const doors = [main, workflow, testing, webhook, codec].map((door) => Object.keys(door).length);
console.log(JSON.stringify({ failure, problems, id: main.callWorkflowId('a'), doors }));
`;

describe.each(KINDS)('the package in a project of type %s', (kind) => {
  it('has types that TypeScript 5 checks, libraries included', async () => {
    const compiler = join(folder, 'node_modules/typescript/bin/tsc');
    const { stdout } = await node(kind, [compiler]).catch((error: { stdout: string }) => error);
    // Libraries are checked too, and the SDK's own declarations have errors.
    const errors = stdout
      .split('\n')
      .filter((line) => / error TS/.test(line) && !line.startsWith('../node_modules/@temporalio/'));
    expect(errors).toEqual([]);
  }, 120_000);

  it('opens its five doors', async () => {
    const { stdout } = await node(kind, ['doors.js']);
    expect(JSON.parse(stdout)).toMatchObject({
      problems: [{ path: 'call', problem: 'is required' }],
      id: 'call/a',
    });
  });

  it('places a call with the lines of the README, and one from a parent workflow', async () => {
    const { stdout } = await node(kind, ['app.js']);
    expect(JSON.parse(stdout)).toEqual(['answered', 'ended', 'busy']);
  }, 60_000);
});

it('places a call from an empty folder, as docs/embed.md shows', async () => {
  const project = join(folder, 'calls');
  await mkdir(project);
  await writeFile(join(project, 'package.json'), '{ "private": true, "type": "commonjs" }');
  for (const file of ['workflows.ts', 'app.ts']) {
    await writeFile(join(project, file), codeOf('docs/embed.md', `\n\`${file}\``).join('\n'));
  }
  const transpiled = ['--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
  const compiler = join(folder, 'node_modules/typescript/bin/tsc');
  await node('calls', [
    compiler,
    ...transpiled,
    '--strict',
    '--skipLibCheck',
    'app.ts',
    'workflows.ts',
  ]);
  const { stdout } = await node('calls', ['app.js']);
  expect(stdout).toBe('answered 1\n');
}, 120_000);

it('has no other doors', async () => {
  expect(Object.keys(manifest.exports)).toHaveLength(6);
  const code = "require('temporal-truedy/dist/index.js')";
  await expect(node('commonjs', ['-e', code])).rejects.toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED');
});

it('leaves one copy of the SDK in the application', () => {
  const own = join(folder, 'node_modules/temporal-truedy/node_modules/@temporalio');
  expect(existsSync(own)).toBe(false);
});
