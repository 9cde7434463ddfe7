import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import type { ScheduleHandle } from '@temporalio/client';
import { DefaultLogger, Runtime, type BundleOptions } from '@temporalio/worker';
import { openDatabase, tomorrow } from '../../examples/appointment-reminder/activities';
import { scheduleReminders, startReminders } from '../../examples/appointment-reminder/reminders';
import { startTracing } from '../../examples/appointment-reminder/tracing';
import { callWorkflowId } from '../../src';
import { phones, startTruedy, type RunningTruedy } from '../../src/testing';
import { testAddress } from '../support/temporal';
import { until } from '../support/until';

const FOLDER = join(__dirname, '../../examples/appointment-reminder');
const NUMBERS = { ...phones, moved: '+14155550160', other: '+14155550161', twice: '+14155550162' };

const db = openDatabase(':memory:');
const spans = new InMemorySpanExporter();
let truedy: RunningTruedy;
let reminders: Awaited<ReturnType<typeof startReminders>>;
let schedule: ScheduleHandle;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  truedy = await startTruedy({ address: testAddress(), workers: false, timeScale: 1_000 });
  const { client, connection, settings, taskQueue } = truedy;
  await plan(NUMBERS.answered, 'Wonderful. You are confirmed.');
  await plan(NUMBERS.moved, 'I see. We will find another time.');
  await plan(NUMBERS.twice, 'You are confirmed.', { endMs: 60_000 });
  const tracing = startTracing(new SimpleSpanProcessor(spans));
  const bundlerOptions = { webpackConfigHook: fromSource };
  const temporal = { connection, namespace: 'default', ...tracing, bundlerOptions };
  reminders = await startReminders(db, { ...settings, temporal });
  // Only the test has a server that other tests use as well.
  schedule = client.schedule.getHandle('appointment-reminders');
  await scheduleReminders(client, { agentId: 'agent_1', taskQueue });
});

afterAll(async () => {
  reminders.stop();
  await reminders.running;
  await schedule.delete();
  await truedy.stop();
});

/** In a project that installed the package, this is not needed. */
function fromSource(config: WebpackConfiguration): WebpackConfiguration {
  const { alias, ...resolve } = config.resolve ?? {};
  if (Array.isArray(alias)) throw new Error('The SDK has changed the form of its aliases');
  const workflow = { 'temporal-truedy/workflow$': require.resolve('../../src/workflow') };
  return { ...config, resolve: { ...resolve, alias: { ...alias, ...workflow } } };
}

type WebpackConfiguration = Parameters<NonNullable<BundleOptions['webpackConfigHook']>>[0];

function plan(number: string, closing: string, times = {}): Promise<void> {
  const transcript = [{ speaker: 'agent' as const, text: closing }];
  return truedy.simulator.plan(number, { transcript, times });
}

/** Books an appointment. The patient can always be called. */
function book(phoneNumber: string, date = tomorrow()): number {
  const insert = `insert into appointments (name, phoneNumber, startsAt, timeZone, callFrom, callTo)
    values ('A', ?, ?, 'America/New_York', '00:00', '23:59')`;
  return Number(db.prepare(insert).run(phoneNumber, `${date}T23:30:00-05:00`).lastInsertRowid);
}

function row(id: number) {
  const select = 'select status, textedFor is not null as texted from appointments where id = ?';
  const { status, texted } = db.prepare(select).get(id) as { status: string; texted: number };
  return { status, texted };
}

function dialsOf(number: string) {
  return truedy.simulator.dials().filter((dial) => dial.number === number);
}

let firedAtMs = 0;

/** Starts the schedule's workflow now, and returns its ID, which contains the second. */
async function fire(): Promise<string> {
  await until(async () => Date.now() > firedAtMs + 1_100);
  firedAtMs = Date.now();
  const before = await runs();
  await schedule.trigger('ALLOW_ALL');
  return until(async () => (await runs()).find((id) => !before.includes(id)));
}

async function runs(): Promise<readonly string[]> {
  const { info } = await schedule.describe();
  return info.recentActions.map(({ action }) => action.workflow.workflowId);
}

it('calls patients within their hours, writes the outcome, and sends a text message to the others', async () => {
  const ids = {
    confirmed: book(NUMBERS.answered),
    moved: book(NUMBERS.moved),
    said_nothing: book(NUMBERS.other),
    no_answer: book(NUMBERS.no_answer),
    refused: book('+1415'),
    not_tomorrow: book(NUMBERS.busy, '2030-01-01'),
  };
  await truedy.client.workflow.getHandle(await fire()).result();
  const rows = Object.fromEntries(Object.entries(ids).map(([name, id]) => [name, row(id)]));
  expect(rows).toEqual({
    confirmed: { status: 'confirmed', texted: 0 },
    moved: { status: 'moved', texted: 0 },
    said_nothing: { status: 'needs_person', texted: 0 },
    no_answer: { status: 'not_reached', texted: 1 },
    refused: { status: 'needs_person', texted: 0 },
    not_tomorrow: { status: 'booked', texted: 0 },
  });
  expect(dialsOf(NUMBERS.no_answer)).toHaveLength(2);
  expect(dialsOf(NUMBERS.busy)).toEqual([]);
});

it('makes one trace from the schedule to the dial', async () => {
  const id = book(NUMBERS.answered);
  spans.reset();
  const parent = await fire();
  await truedy.client.workflow.getHandle(parent).result();
  const child = callWorkflowId(`appointment-${id}-${tomorrow()}`);
  await truedy.client.workflow.getHandle(child).result();
  const wanted = [
    'RunWorkflow:RemindPatients',
    'RunActivity:findAppointments',
    'StartChildWorkflow:OutboundCallWorkflow',
    'RunWorkflow:OutboundCallWorkflow',
    'StartActivity:placeCall',
    'RunActivity:placeCall',
  ];
  const found = await until(async () => {
    const names = spans.getFinishedSpans().filter(({ name }) => wanted.includes(name));
    return names.length >= wanted.length && names;
  });
  expect(found.map(({ name }) => name).sort()).toEqual([...wanted].sort());
  expect(new Set(found.map((span) => span.spanContext().traceId)).size).toBe(1);
});

it('never calls about an appointment twice if the schedule fires twice and the workflow is reset', async () => {
  const id = book(NUMBERS.twice);
  const first = truedy.client.workflow.getHandle(await fire());
  await until(async () => dialsOf(NUMBERS.twice).length === 1);
  const second = truedy.client.workflow.getHandle(await fire());
  await reset(first.workflowId);
  await Promise.all([first.result(), second.result()]);
  expect(row(id)).toMatchObject({ status: 'confirmed' });
  expect(dialsOf(NUMBERS.twice)).toHaveLength(1);
  // Once more after the end, and from the very beginning.
  db.prepare("update appointments set status = 'booked' where id = ?").run(id);
  await reset(first.workflowId);
  await truedy.client.workflow.getHandle(first.workflowId).result();
  await truedy.client.workflow.getHandle(await fire()).result();
  expect(row(id)).toMatchObject({ status: 'confirmed' });
  expect(dialsOf(NUMBERS.twice)).toHaveLength(1);
}, 90_000);

it('sends at most one text message for an appointment', async () => {
  const id = book(NUMBERS.unreachable);
  const both = [await fire(), await fire()];
  for (const run of both) await truedy.client.workflow.getHandle(run).result();
  expect(row(id)).toEqual({ status: 'not_reached', texted: 1 });
});

/** Runs the workflow again from its first task. */
async function reset(workflowId: string): Promise<void> {
  await truedy.client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId },
    workflowTaskFinishEventId: 4 as never,
    reason: 'test',
    requestId: randomUUID(),
  });
}

it('is at most 200 lines', () => {
  const lines = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(FOLDER, name), 'utf8').split('\n').length - 1);
  expect(lines.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(200);
});
