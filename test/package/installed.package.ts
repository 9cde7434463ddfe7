import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPackage, manifest, type Consumer } from './consumer';
import { phones, startTruedy } from '../../src/testing';
import { until } from '../support/until';
import { openDatabase, tomorrow } from '../../examples/appointment-reminder/activities';
import { testAddress } from '../support/temporal';

const ROOT = join(__dirname, '../..');
const TYPESCRIPT = '5.9.3';
const KINDS = ['commonjs', 'module'] as const;
const RUNNERS = ['jest', 'vitest', 'node'] as const;
/** What the projects of the testing kit use, as their authors would install it. */
const TOOLS = ['jest', '@swc/jest', 'vitest', 'tsx', 'esbuild'];
/** What the appointment reminders use. */
const LIBRARIES = [
  '@opentelemetry/resources',
  '@opentelemetry/sdk-trace-node',
  '@temporalio/interceptors-opentelemetry',
  'libsql',
];

let consumer: Consumer;
/** What TypeScript 5 printed. It compiles all projects in one run, because that takes most of the time. */
let compiled: string;
/** The tests of the testing kit's examples. Rejects if a test fails. */
let runs: ReadonlyMap<string, Promise<void>>;
/** What the appointment reminders printed. */
let reminders: Promise<string>;

beforeAll(async () => {
  consumer = await installPackage(LIBRARIES, TOOLS, { typescript: TYPESCRIPT });
  for (const kind of KINDS) {
    const type = JSON.stringify({ private: true, type: kind });
    await consumer.write(kind, {
      'package.json': type,
      'workflows.ts': WORKFLOWS,
      'doors.ts': DOORS,
      'app.ts': APPLICATION,
    });
  }
  await consumer.write('calls', {
    'package.json': '{ "private": true, "type": "commonjs" }',
    'workflows.ts': codeOf('docs/embed.md', '\n`workflows.ts`').join('\n'),
    'app.ts': codeOf('docs/embed.md', '\n`app.ts`').join('\n'),
  });
  await consumer.write('.', { 'tsconfig.json': JSON.stringify(COMPILED) });
  // Together with the compiler and the other tests, because each waits for its own server.
  runs = new Map(RUNNERS.map((runner) => [runner, runTest(runner)]));
  reminders = runReminders();
  for (const run of [...runs.values(), reminders]) run.catch(() => undefined);
  compiled = await compile('node_modules/typescript/bin/tsc');
}, 300_000);
afterAll(async () => {
  await Promise.allSettled([...runs.values(), reminders]);
  await rm(consumer.folder, { recursive: true, force: true });
});

const COMPILED = {
  compilerOptions: {
    target: 'es2022',
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    types: ['node'],
  },
  include: [...KINDS, 'calls'].map((project) => `${project}/*.ts`),
};

async function compile(compiler: string, ...flags: readonly string[]): Promise<string> {
  const run = consumer.node('.', [compiler, ...flags]);
  return (await run.catch((error: { stdout: string }) => error)).stdout;
}

/** The errors of a compiler's output. It checks libraries too, and the SDK's own declarations have errors. */
function errorsOf(output: string): readonly string[] {
  const lines = output.split('\n').filter((line) => / error TS/.test(line));
  return lines.filter((line) => !line.startsWith('node_modules/@temporalio/'));
}

/** Runs Node with the shared server, and a key of its own. */
async function node(kind: string, args: readonly string[]): Promise<string> {
  const environment = { ADDRESS: testAddress(), KEY: randomUUID() };
  return (await consumer.node(kind, args, environment)).stdout;
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

/** Answers a request that is not authentic. */
const WEBHOOK = `
import { Client, Connection } from '@temporalio/client';
import { createWebhookHandler } from 'temporal-truedy/webhook';

const client = new Client({ connection: Connection.lazy({ address: '127.0.0.1:1' }) });
const { fetch } = createWebhookHandler({ client, secrets: ['whsec_0123456789abcdef0123456789'] });
const headers = { 'content-type': 'application/json' };
const request = new Request('http://localhost/', { method: 'POST', headers, body: '{}' });
void fetch(request).then(({ status }) => console.log(status));
`;

const CLIENT = `
import { callWorkflowId } from 'temporal-truedy';
console.log(callWorkflowId('a'));
${WEBHOOK}`;

const EMBED = readFileSync(join(ROOT, 'docs/embed.md'), 'utf8');

describe('the types of the package, libraries included', () => {
  it('are checked by TypeScript 5', () => {
    expect(errorsOf(compiled)).toEqual([]);
    expect(existsSync(join(consumer.folder, 'module/doors.js'))).toBe(true);
  });

  it('are checked by TypeScript 7', async () => {
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
    expect(await compile(compiler, '--version')).toMatch(/^Version 7\./);
    expect(errorsOf(await compile(compiler, '--noEmit'))).toEqual([]);
  }, 60_000);
});

describe.each(KINDS)('the package in a project of type %s', (kind) => {
  it('opens its five doors', async () => {
    expect(JSON.parse(await node(kind, ['doors.js']))).toMatchObject({
      problems: [{ path: 'call', problem: 'is required' }],
      id: 'call/a',
    });
  });

  it('places a call with the lines of the README, and one from a parent workflow', async () => {
    expect(JSON.parse(await node(kind, ['app.js']))).toEqual(['answered', 'ended', 'busy']);
  }, 60_000);
});

it('places a call from an empty folder, as docs/embed.md shows', async () => {
  expect(await node('calls', ['app.js'])).toBe('answered 1\n');
}, 60_000);

it.each(RUNNERS)(
  'runs a test with the testing kit in %s, by the command of docs/embed.md',
  async (runner) => {
    await runs.get(runner);
    const path = join(ROOT, `examples/testing-${runner}/orders.test.ts`);
    expect(readFileSync(path, 'utf8').split('\n').length).toBeLessThanOrEqual(30);
  },
  120_000,
);

async function runTest(runner: string): Promise<void> {
  const project = `testing-${runner}`;
  await copyExample(project, runner === 'vitest' ? 'module' : 'commonjs');
  const row = new RegExp(`examples/${project}\\).*`).exec(EMBED)?.[0] ?? '';
  const [, command = 'false'] = /`(.*?)`/.exec(row) ?? [];
  await consumer.shell(project, command);
}

async function copyExample(project: string, type: string): Promise<void> {
  await cp(join(ROOT, 'examples', project), join(consumer.folder, project), { recursive: true });
  await consumer.write(project, { 'package.json': JSON.stringify({ private: true, type }) });
}

it('runs the appointment reminders by the commands of docs/embed.md', async () => {
  expect(await reminders).toContain("name: 'RunActivity:placeCall'");
}, 120_000);

/** Runs the program until a patient was not reached, and returns what it printed. */
async function runReminders(): Promise<string> {
  const project = 'appointment-reminder';
  await copyExample(project, 'commonjs');
  const truedy = await startTruedy({ workers: false });
  const [, script = ''] = /AGENT_ID=… TRUEDY_API_KEY=… npx tsx (.*)/.exec(EMBED) ?? [];
  const [, id = ''] = /temporal schedule trigger --schedule-id (.*)/.exec(EMBED) ?? [];
  const database = join(consumer.folder, project, 'test.db');
  const db = openDatabase(database);
  const insert = `insert into appointments (name, phoneNumber, startsAt, timeZone, callFrom, callTo)
    values ('A', ?, ?, 'America/New_York', '00:00', '23:59')`;
  db.prepare(insert).run(phones.declined, `${tomorrow()}T23:30:00-05:00`);
  const run = consumer.node(project, [join(consumer.folder, 'node_modules/.bin/tsx'), script], {
    AGENT_ID: 'agent_1',
    DATABASE: database,
    TEMPORAL_ADDRESS: truedy.address,
    TRUEDY_API_KEY: truedy.settings.apiKey ?? '',
    TRUEDY_BASE_URL: truedy.settings.baseUrl ?? '',
    TRUEDY_TIME_SCALE: '100',
  });
  const schedule = truedy.client.schedule.getHandle(id);
  const trigger = () => schedule.trigger().then(() => true);
  const row = () => db.prepare('select status from appointments').get() as { status: string };
  try {
    // Fails until the program has created the schedule.
    await until(() => trigger().catch(() => false));
    await until(async () => row().status === 'not_reached');
  } finally {
    run.child.kill('SIGTERM');
    db.close();
    await run.catch(() => undefined);
    await truedy.stop();
  }
  return (await run).stdout;
}

describe('esbuild', () => {
  beforeAll(() => consumer.write('bundled', { 'app.ts': CLIENT, 'webhook.ts': WEBHOOK }));

  it('bundles an application by the command of docs/embed.md', async () => {
    const [command = 'false'] = /npx esbuild .*/.exec(EMBED) ?? [];
    await consumer.shell('bundled', command);
    expect(await node('bundled', ['app.js'])).toBe('call/a\n401\n');
  });

  it('can include temporal-truedy/webhook, which then needs no other file', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'truedy-bundled-'));
    try {
      const file = join(outside, 'webhook.cjs');
      await bundle('webhook.ts', file);
      expect(await node('bundled', [file])).toBe('401\n');
    } finally {
      await rm(outside, { recursive: true });
    }
  });

  it.each(['', '/codec', '/testing'])('cannot include temporal-truedy%s', async (door) => {
    await consumer.write('bundled', {
      'door.ts': `import * as door from 'temporal-truedy${door}';\nconsole.log(door);`,
    });
    await bundle('door.ts', 'door.js', '--external:@temporalio/*');
    await expect(node('bundled', ['door.js'])).rejects.toThrow('Cannot find module');
  });

  function bundle(source: string, file: string, ...flags: readonly string[]) {
    const all = [source, '--bundle', '--platform=node', `--outfile=${file}`, ...flags];
    return consumer.shell('bundled', `npx esbuild ${all.join(' ')}`);
  }
});

it('has no other doors', async () => {
  expect(Object.keys(manifest.exports)).toHaveLength(6);
  const code = "require('temporal-truedy/dist/index.js')";
  await expect(node('commonjs', ['-e', code])).rejects.toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED');
});

it('leaves one copy of the SDK in the application', () => {
  const own = join(consumer.folder, 'node_modules/temporal-truedy/node_modules/@temporalio');
  expect(existsSync(own)).toBe(false);
});
