import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { inputFor, until } from '../support/rig';
import { startCluster, type Cluster } from './support/cluster';
import { runRows, type Row } from './support/rows';

/** Workers are killed, stopped and replaced; runs are reset, restarted and cancelled. No request is sent twice. */
let cluster: Cluster;
let common: string;
let nextNumber = 1000;

const SHORT = { call_settings: { max_duration: '60s', join_timeout: '10s' } };
const SILENT = { webhooks: { events: [] } };

async function phone(plan: object): Promise<string> {
  const number = `+1415555${nextNumber++}`;
  await cluster.plan({ numbers: { [number]: plan } });
  return number;
}

async function begin(taskQueue: string, plan: object, rest: Parameters<typeof inputFor>[1] = {}) {
  const number = await phone(plan);
  return cluster.start(taskQueue, inputFor(number, { ...rest, call: SHORT }));
}

function phaseOf(handle: WorkflowHandle, phase: string): Promise<true> {
  // A stopped worker does not answer a query.
  const look = () => cluster.view(handle).catch(() => undefined);
  return until(async () => (await look())?.phase === phase);
}

/** A worker has its `placeCall`. */
function isPlacing(handle: WorkflowHandle): Promise<true> {
  return until(async () => {
    const { raw } = await handle.describe();
    return raw.pendingActivities?.some(({ lastStartedTime }) => lastStartedTime != null);
  });
}

/**
 * Temporal has given up its `placeCall`. Only the server is asked: a frozen worker still holds polls, each of which can
 * take a workflow task with it, so that the run itself notices much later.
 */
function isGivenUp(handle: WorkflowHandle): Promise<true> {
  return until(async () => {
    const { raw } = await handle.describe();
    return raw.pendingActivities?.every(({ activityType }) => activityType?.name !== 'placeCall');
  });
}

function dialled(handle: WorkflowHandle): Promise<true> {
  return until(async () => (await cluster.seen(handle)).dials.length > 0);
}

async function counts(handle: { readonly workflowId: string }) {
  const { dials, posts } = await cluster.seen(handle);
  return { dials: dials.length, posts: posts.length };
}

/** The ids of the events that a run can be reset to. */
async function resetPoints(handle: WorkflowHandle): Promise<number[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? [])
    .filter(({ workflowTaskCompletedEventAttributes }) => workflowTaskCompletedEventAttributes)
    .map(({ eventId }) => Number(eventId));
}

async function reset(handle: WorkflowHandle, runId: string, point: number): Promise<void> {
  await cluster.client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: handle.workflowId, runId },
    workflowTaskFinishEventId: point as never,
    requestId: randomUUID(),
    reason: 'fault row',
  });
}

/** The newest run of a workflow id. */
function newest({ workflowId }: WorkflowHandle): WorkflowHandle {
  return cluster.client.workflow.getHandle(workflowId);
}

const rows: readonly Row[] = [
  {
    id: 'F1',
    rule: 'worker SIGKILLed before the first byte: unknown, 0 posts',
    run: async () => {
      const first = await cluster.worker(undefined, { CRASH_POINT: 'before-write' });
      const handle = await begin(first.taskQueue, SILENT);
      await first.ended;
      await cluster.worker(first.taskQueue);
      expect((await cluster.result(handle)).outcome).toBe('unknown');
      expect(await counts(handle)).toEqual({ dials: 0, posts: 0 });
    },
  },
  {
    id: 'F2a',
    rule: 'worker SIGKILLed while the POST is in flight: adopted, 1 post',
    run: async () => {
      const first = await cluster.worker();
      const plan = { ...SILENT, post: { kind: 'slow', afterMs: 4_000 } };
      const handle = await begin(first.taskQueue, plan);
      await dialled(handle);
      await first.kill('SIGKILL');
      await cluster.worker(first.taskQueue);
      const result = await cluster.result(handle);
      expect(result.attempts[0]).toMatchObject({ placedBy: 'listing', outcome: 'answered' });
      expect(await counts(handle)).toEqual({ dials: 1, posts: 1 });
    },
  },
  {
    id: 'F2b',
    rule: 'worker SIGKILLed before its completion was recorded: adopted, 1 post',
    run: async () => {
      const first = await cluster.worker(undefined, { CRASH_POINT: 'before-complete' });
      const handle = await begin(first.taskQueue, SILENT);
      await first.ended;
      await cluster.worker(first.taskQueue);
      const result = await cluster.result(handle);
      expect(result.attempts[0]).toMatchObject({ placedBy: 'listing', outcome: 'answered' });
      expect(await counts(handle)).toEqual({ dials: 1, posts: 1 });
    },
  },
  {
    id: 'F3',
    rule: 'worker SIGKILLed while polling Truedy: the read is repeated, 1 post',
    run: async () => {
      const first = await cluster.worker();
      const plan = { ...SILENT, times: { endMs: 60_000 } };
      const handle = await begin(first.taskQueue, plan, { completion: { mode: 'poll' } });
      await phaseOf(handle, 'in_progress');
      await first.kill('SIGKILL');
      await cluster.worker(first.taskQueue);
      expect((await cluster.result(handle)).outcome).toBe('answered');
      expect(await counts(handle)).toEqual({ dials: 1, posts: 1 });
    },
  },
  {
    id: 'F4',
    rule: 'worker SIGSTOPped before the send and resumed long after: no byte is sent',
    run: async () => {
      const first = await cluster.worker(undefined, { LAST_QUESTION_MS: '2000' });
      const handle = await begin(first.taskQueue, SILENT);
      await isPlacing(handle);
      process.kill(first.pid, 'SIGSTOP');
      await cluster.worker(first.taskQueue);
      await isGivenUp(handle);
      process.kill(first.pid, 'SIGCONT');
      expect((await cluster.result(handle)).outcome).toBe('unknown');
      expect(await counts(handle)).toEqual({ dials: 0, posts: 0 });
    },
  },
  {
    id: 'F4c',
    rule: 'worker frozen after the last question and resumed long after: no byte is sent',
    run: async () => {
      const first = await cluster.worker(undefined, { FREEZES_BEFORE_SEND: '"agent_1"' });
      const handle = await begin(first.taskQueue, SILENT);
      await isPlacing(handle);
      await cluster.worker(first.taskQueue);
      await isGivenUp(handle);
      process.kill(first.pid, 'SIGCONT');
      expect((await cluster.result(handle)).outcome).toBe('unknown');
      expect(await counts(handle)).toEqual({ dials: 0, posts: 0 });
    },
  },
  {
    id: 'F40a',
    rule: 'a closed run reset to each of its points: no second post',
    run: async () => {
      // A reset repeats the signals of the run. A delivery among them would end each new run before it sends.
      const handle = await begin(common, SILENT, { completion: { mode: 'poll' } });
      await cluster.result(handle);
      const { runId } = await handle.describe();
      for (const point of await resetPoints(handle)) {
        await reset(handle, runId, point);
        expect((await newest(handle).result()).outcome).toBe('answered');
      }
      expect(await counts(handle)).toEqual({ dials: 1, posts: 1 });
    },
  },
  {
    id: 'F40b',
    rule: 'a run reset while placeCall is pending: dispatched again, no request sent',
    run: async () => {
      const plan = {
        post: { kind: 'slow', afterMs: 4_000 },
        webhooks: { events: ['call.started'] },
      };
      const handle = await begin(common, plan);
      // The early delivery creates a reset point after placeCall was scheduled.
      const point = await until(async () => (await resetPoints(handle))[1]);
      await reset(handle, (await handle.describe()).runId, point);
      expect((await newest(handle).result()).outcome).toBe('answered');
      expect(await counts(handle)).toEqual({ dials: 1, posts: 1 });
    },
  },
  {
    id: 'F40c',
    rule: 'terminated and started again under its id: adopted, 1 post',
    run: async () => {
      const handle = await begin(common, SILENT);
      await dialled(handle);
      await handle.terminate('fault row');
      const { dials } = await cluster.seen(handle);
      const input = inputFor(dials[0]?.number ?? '', { call: SHORT });
      const again = await cluster.start(common, input, handle.workflowId);
      const result = await cluster.result(again);
      expect(result.attempts[0]).toMatchObject({ placedBy: 'listing', outcome: 'answered' });
      expect(await counts(handle)).toEqual({ dials: 1, posts: 1 });
    },
  },
  {
    id: 'F40d',
    rule: 'a run reset and canceled before its placeCall: the call of the run before it is adopted',
    run: async () => {
      const worker = await cluster.worker();
      const handle = await begin(worker.taskQueue, SILENT);
      await dialled(handle);
      await worker.kill('SIGKILL');
      const [point = 0] = await resetPoints(handle);
      await reset(handle, (await handle.describe()).runId, point);
      await newest(handle).cancel();
      await cluster.worker(worker.taskQueue);
      expect(await newest(handle).result()).toMatchObject({
        outcome: 'answered',
        cancellation: 'too_late',
        attempts: [{ placedBy: 'listing', outcome: 'answered' }],
      });
      expect(await counts(handle)).toEqual({ dials: 1, posts: 1 });
    },
  },
  {
    id: 'F41',
    rule: '50 concurrent starts: 1 run, 1 post',
    run: async () => {
      const number = await phone({});
      const workflowId = `call/${randomUUID()}`;
      const starts = Array.from({ length: 50 }, () =>
        cluster.client.workflow.start('OutboundCallWorkflow', {
          taskQueue: common,
          workflowId,
          args: [inputFor(number)],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
        }),
      );
      const handles = await Promise.all(starts);
      await handles[0]?.result();
      expect(new Set(handles.map(({ firstExecutionRunId }) => firstExecutionRunId)).size).toBe(1);
      expect(await counts({ workflowId })).toEqual({ dials: 1, posts: 1 });
    },
  },
  {
    id: 'F45a',
    rule: 'cancelled while waiting: prevented, 0 posts',
    run: async () => {
      const notBefore = new Date(Date.now() + 3_600_000).toISOString();
      const handle = await begin(common, {}, { notBefore });
      await phaseOf(handle, 'waiting');
      await handle.cancel();
      expect(await cluster.result(handle)).toEqual({
        outcome: 'cancelled',
        cancellation: 'prevented',
        attempts: [],
      });
      expect(await counts(handle)).toEqual({ dials: 0, posts: 0 });
    },
  },
  {
    id: 'F45b',
    rule: 'cancelled in a backlog of 40: prevented, 0 posts, while the others still wait',
    run: async () => {
      const slow = await cluster.worker(undefined, { TRUEDY_REQUESTS_PER_MINUTE: '12' });
      const number = await phone({});
      const handles: WorkflowHandle[] = [];
      for (let index = 0; index < 40; index += 1) {
        handles.push(await cluster.start(slow.taskQueue, inputFor(number)));
      }
      const last = handles.at(-1);
      if (last === undefined) throw new Error('Nothing was started');
      await phaseOf(last, 'placing');
      await last.cancel();
      expect(await cluster.result(last)).toMatchObject({
        outcome: 'cancelled',
        cancellation: 'prevented',
        attempts: [],
      });
      const waiting = await Promise.all(
        handles.map(async (one) => (await counts(one)).posts === 0),
      );
      expect(waiting.filter(Boolean).length).toBeGreaterThan(20);
      await Promise.all(handles.map((one) => one.terminate().catch(() => undefined)));
      await slow.kill('SIGKILL');
      expect(await counts(last)).toEqual({ dials: 0, posts: 0 });
    },
  },
  {
    id: 'F45c',
    rule: 'cancelled during the POST: too late, its answer is recorded',
    run: async () => {
      const handle = await begin(common, { post: { kind: 'slow', afterMs: 2_500 } });
      await dialled(handle);
      await handle.cancel();
      expect(await cluster.result(handle)).toMatchObject({
        outcome: 'answered',
        cancellation: 'too_late',
      });
      expect(await counts(handle)).toEqual({ dials: 1, posts: 1 });
    },
  },
  {
    id: 'F45d',
    rule: 'cancelled during the call: too late, its own result',
    run: async () => {
      const handle = await begin(common, { phone: 'stuck_in_progress' });
      await phaseOf(handle, 'in_progress');
      await handle.cancel();
      await cluster.hangUp(handle);
      expect(await cluster.result(handle)).toMatchObject({
        outcome: 'answered',
        cancellation: 'too_late',
      });
    },
  },
  {
    id: 'F45e',
    rule: 'cancelled while unclear: unknown, after a listing without the call',
    run: async () => {
      const handle = await begin(common, { ...SILENT, post: { kind: 'cut', dials: false } });
      await phaseOf(handle, 'unclear');
      await handle.cancel();
      expect(await cluster.result(handle)).toMatchObject({
        outcome: 'unknown',
        cancellation: 'unknown',
      });
    },
  },
  {
    id: 'stop',
    rule: 'stopped during the call: it runs to its end, without another dial',
    run: async () => {
      const handle = await begin(
        common,
        { phone: 'stuck_ringing' },
        { redial: { maxAttempts: 3, after: { no_answer: ['1m'] } } },
      );
      await phaseOf(handle, 'ringing');
      await handle.executeUpdate('stop', { args: [{ reason: 'paid already' }] });
      await cluster.hangUp(handle, { outcome: 'no_answer', endReason: 'unjoined' });
      const result = await cluster.result(handle);
      expect(result).toMatchObject({ outcome: 'no_answer', attempts: [{ number: 1 }] });
      expect(result).not.toHaveProperty('cancellation');
      expect(await counts(handle)).toEqual({ dials: 1, posts: 1 });
    },
  },
];

runRows(rows, async () => {
  cluster = await startCluster();
  common = (await cluster.worker()).taskQueue;
});

afterAll(async () => {
  await cluster.stop();
});
