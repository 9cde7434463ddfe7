import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import type { CallPersonOptions } from '../../src/workflow';
import { inputFor, startRig, until, type Rig } from '../support/rig';
import { hangUp, inPhase, PATIENT, UNTIL_HANG_UP } from '../support/steer';
import { startUserWorker, type UserWorker } from './support/user-worker';

let rig: Rig;
let user: UserWorker;
let nextNumber = 4155550150;

beforeAll(async () => {
  rig = await startRig();
  user = await startUserWorker(require.resolve('./support/parents'));
});

afterAll(async () => {
  await user.stop();
  await rig.stop();
});

interface Called {
  readonly parent: WorkflowHandle;
  /** The call's own run. */
  readonly call: WorkflowHandle;
  readonly options: CallPersonOptions;
  readonly number: string;
}

const HOUR = 3_600_000;
const later = () => new Date(Date.now() + HOUR).toISOString();

/** Starts a parent whose call has this script. */
async function call(
  { plan = { phone: 'answered' }, waits = false }: { plan?: object; waits?: boolean } = {},
  more: Partial<CallPersonOptions> = {},
): Promise<Called> {
  const number = `+1${nextNumber++}`;
  await rig.plan({ numbers: { [number]: plan } });
  const options = { key: randomUUID(), taskQueue: rig.taskQueue, ...more };
  const rest = waits ? { notBefore: later() } : {};
  const parent = await user.call(inputFor(number, { ...PATIENT, ...rest }), options);
  return { parent, call: handleOf(options.key), options, number };
}

function handleOf(key: string): WorkflowHandle {
  return rig.client.workflow.getHandle(`call/${key}`);
}

/** Another parent that asks for the same call. */
function again({ options, number }: Called): Promise<WorkflowHandle> {
  return user.call(inputFor(number), options);
}

/** Waits until a parent polls for a call that it did not start. */
async function attached(parent: WorkflowHandle): Promise<void> {
  await until(async () => {
    const { raw } = await parent.describe();
    return raw.pendingActivities?.some(({ activityType }) => activityType?.name === AWAIT);
  });
}

const AWAIT = 'truedyAwaitCall';
const { PENDING_ACTIVITY_STATE_STARTED: STARTED } = temporal.api.enums.v1.PendingActivityState;

/** The cause of a failed run. */
async function failureOf(handle: WorkflowHandle) {
  return handle.result().then(
    (result: unknown) => ({ result }),
    (error: { cause?: unknown }) => error.cause,
  );
}

async function dials({ call }: Called): Promise<number> {
  return (await rig.seen(call)).dials.length;
}

async function reset(handle: WorkflowHandle, task: 'first' | 'last'): Promise<WorkflowHandle> {
  const { runId } = await handle.describe();
  const { events } = await handle.fetchHistory();
  const ends = (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes);
  const point = ends.at(task === 'first' ? 0 : -1)?.eventId;
  await rig.client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: handle.workflowId, runId },
    workflowTaskFinishEventId: point as never,
    requestId: randomUUID(),
    reason: 'test',
  });
  return rig.client.workflow.getHandle(handle.workflowId);
}

describe('a call from a workflow', () => {
  it('is a child whose result is returned, and adds 14 events to its parent', async () => {
    const called = await call({ plan: UNTIL_HANG_UP });
    await hangUp(rig, called.call);
    expect(await called.parent.result()).toMatchObject({
      outcome: 'answered',
      callId: expect.any(String),
    });
    expect(await rig.eventsOnAnIdleMachine(called.parent)).toHaveLength(14);
    // As many as when it is started by itself: see scenarios.test.ts.
    expect(await rig.eventsOnAnIdleMachine(called.call)).toHaveLength(20);
    const { staticSummary } = await called.call.describe();
    expect(await staticSummary()).toMatch(/^Call \+1.*\d\d · agent\\?_1$/);
  });

  it('with the key of an open call returns the result of that call', async () => {
    const first = await call({ waits: true });
    await inPhase(first.call, 'waiting');
    const second = await again(first);
    await attached(second);
    await first.call.executeUpdate('redialNow');
    const result = await first.parent.result();
    expect(await second.result()).toEqual(result);
    expect(result).toMatchObject({ outcome: 'answered' });
    expect(await dials(first)).toBe(1);
    expect(await rig.eventsOnAnIdleMachine(second)).toHaveLength(16);
  });

  it('with the key of a closed call returns the stored result', async () => {
    const first = await call();
    const result = await first.parent.result();
    expect(await (await again(first)).result()).toEqual(result);
    expect(await dials(first)).toBe(1);
  });

  it('attaches to a call that a starter made', async () => {
    const key = randomUUID();
    const started = await rig.start(
      inputFor('+14155550101', { notBefore: later() }),
      `call/${key}`,
    );
    const parent = await user.call(inputFor('+14155550101'), { key, taskQueue: rig.taskQueue });
    await attached(parent);
    await started.executeUpdate('redialNow');
    expect(await parent.result()).toEqual(await started.result());
  });

  it('is polled without holding a slot, and its result arrives after the next poll', async () => {
    const first = await call({ waits: true });
    await inPhase(first.call, 'waiting');
    const second = await again(first);
    const pending = await until(async () => {
      const { raw } = await second.describe();
      const one = raw.pendingActivities?.[0];
      return one !== undefined && (one.attempt ?? 0) >= 4 && one;
    });
    expect(pending.lastFailure).toMatchObject({
      message: expect.stringMatching(/^the call has not ended; reading it again in \d+ s$/),
      applicationFailureInfo: { type: 'NotYet' },
    });
    await first.call.executeUpdate('redialNow');
    expect(await second.result()).toMatchObject({ outcome: 'answered' });
    // However often it was polled.
    expect(await rig.eventsOnAnIdleMachine(second)).toHaveLength(16);
  });
});

describe('a parent that is reset', () => {
  it('to its first task attaches to the call it had started', async () => {
    const called = await call({ waits: true });
    await inPhase(called.call, 'waiting');
    const second = await reset(called.parent, 'first');
    await attached(second);
    await called.call.executeUpdate('redialNow');
    expect(await second.result()).toMatchObject({ outcome: 'answered' });
    expect(await dials(called)).toBe(1);
  });

  it('after the call has ended returns its stored result', async () => {
    const called = await call();
    const result = await called.parent.result();
    expect(await (await reset(called.parent, 'first')).result()).toEqual(result);
    expect(await dials(called)).toBe(1);
  });

  it('to a task after the child had started receives its result', async () => {
    const called = await call({ waits: true });
    await inPhase(called.call, 'waiting');
    const second = await until(async () => {
      const { length } = (await rig.events(called.parent)).filter(
        (type) => type === 'WORKFLOW_TASK_COMPLETED',
      );
      return length === 2 && reset(called.parent, 'last');
    });
    await called.call.executeUpdate('redialNow');
    expect(await second.result()).toMatchObject({ outcome: 'answered' });
    expect(await rig.events(second)).not.toContain('ACTIVITY_TASK_SCHEDULED');
    expect(await dials(called)).toBe(1);
  });
});

describe('a parent that is canceled', () => {
  it('cancels the call and returns its result', async () => {
    const called = await call({ waits: true });
    await inPhase(called.call, 'waiting');
    await called.parent.cancel();
    const prevented = { outcome: 'cancelled', cancellation: 'prevented', attempts: [] };
    expect(await called.parent.result()).toEqual(prevented);
    expect(await called.call.result()).toEqual(prevented);
  });

  it('returns how a live call ended', async () => {
    const called = await call({ plan: { phone: 'stuck_ringing' } });
    const { callId } = await inPhase(called.call, 'ringing');
    await called.parent.cancel();
    await rig.control(`calls/${callId}/end`, { status: 'ended', duration_seconds: 7 });
    await rig.control('deliver', { callId, event: 'call.ended' });
    expect(await called.parent.result()).toMatchObject({
      outcome: 'answered',
      cancellation: 'too_late',
    });
  });

  it('cancels a call it is attached to', async () => {
    const first = await call({ waits: true });
    await inPhase(first.call, 'waiting');
    const second = await again(first);
    await attached(second);
    await second.cancel();
    expect(await second.result()).toMatchObject({ outcome: 'cancelled' });
    expect(await first.parent.result()).toMatchObject({ outcome: 'cancelled' });
  });

  it('leaves the call alone with `abandon`', async () => {
    const first = await call({ waits: true }, { cancellation: 'abandon' });
    await inPhase(first.call, 'waiting');
    const second = await again(first);
    await attached(second);
    await second.cancel();
    await first.parent.cancel();
    for (const parent of [first.parent, second]) {
      expect(await failureOf(parent)).toMatchObject({ name: 'CancelledFailure' });
    }
    await first.call.executeUpdate('redialNow');
    expect(await first.call.result()).toMatchObject({ outcome: 'answered' });
  });

  it.each(['before', 'after'])('%s the call is requested starts none', async (when) => {
    const key = randomUUID();
    const options = { key, taskQueue: rig.taskQueue };
    const parent = await user.start('HastyParent', inputFor('+14155550101'), options, when);
    expect(await parent.result()).toBe('canceled');
    await expect(handleOf(key).describe()).rejects.toMatchObject({ name: 'WorkflowNotFoundError' });
  });

  it('before a worker has the call waits for one, and nothing is dialed', async () => {
    const taskQueue = `late-${randomUUID()}`;
    const called = await call({}, { taskQueue });
    await until(async () =>
      (await rig.events(called.parent)).includes('CHILD_WORKFLOW_EXECUTION_STARTED'),
    );
    await called.parent.cancel();
    await until(async () =>
      (await rig.events(called.call)).includes('WORKFLOW_EXECUTION_CANCEL_REQUESTED'),
    );
    const late = await startRig({ taskQueue });
    expect(await called.parent.result()).toMatchObject({ outcome: 'cancelled', attempts: [] });
    expect((await late.ledger()).dials).toEqual([]);
    await late.stop();
  });
});

it('a parent that is terminated leaves its call running', async () => {
  const called = await call({ waits: true });
  await inPhase(called.call, 'waiting');
  await called.parent.terminate();
  await called.call.executeUpdate('redialNow');
  expect(await called.call.result()).toMatchObject({ outcome: 'answered' });
});

describe('the failure of a call', () => {
  const REFUSED = { post: { kind: 'answer', status: 403, code: 'forbidden', dials: false } };

  it('keeps its type, message and details, in its parent and in one that attaches', async () => {
    const first = await call({ plan: REFUSED });
    const expected = {
      name: 'ApplicationFailure',
      type: 'forbidden',
      nonRetryable: true,
      message: expect.stringMatching(/^forbidden/),
      details: [{ status: 403, attempts: expect.any(Array) }],
    };
    expect(await failureOf(first.parent)).toMatchObject(expected);
    expect(await failureOf(await again(first))).toMatchObject(expected);
  });

  it('is InvalidInput with every problem if the input is wrong', async () => {
    const options = { key: randomUUID(), taskQueue: rig.taskQueue };
    for (const input of [{}, null, { call: { agent_id: 'a', phone_number: 7 } }]) {
      expect(
        await failureOf(await user.call(input, { ...options, key: randomUUID() })),
      ).toMatchObject({
        type: 'InvalidInput',
        details: [
          expect.arrayContaining([{ path: expect.any(String), problem: expect.any(String) }]),
        ],
      });
    }
  });

  it.each([
    ['is empty', ''],
    ['has a space', 'order 4711'],
    ['is too long', 'x'.repeat(996)],
    ['contains the number', 'order-14155550101'],
    ['is missing', undefined],
  ])('is InvalidInput for a key that %s', async (_, key) => {
    const options = { key: key as string, taskQueue: rig.taskQueue };
    const parent = await user.call(inputFor('+14155550101'), options);
    expect(await failureOf(parent)).toMatchObject({
      type: 'InvalidInput',
      details: [[{ path: 'key', problem: expect.stringMatching(/^must be printable ASCII/) }]],
    });
    expect(await rig.events(parent)).toHaveLength(5);
  });

  it('is InvalidInput if the key names another kind of workflow', async () => {
    const workflowId = `call/${randomUUID()}`;
    const options = { key: workflowId, taskQueue: rig.taskQueue };
    const other = await rig.client.workflow.start('Unknown', {
      taskQueue: `none-${randomUUID()}`,
      workflowId,
    });
    expect(await failureOf(await user.call(inputFor('+14155550101'), options))).toMatchObject({
      type: 'InvalidInput',
      details: [[{ path: 'key', problem: expect.stringMatching(/workflow of type Unknown/) }]],
    });
    await other.terminate();
  });

  it('is CallAborted if the call was terminated, for its parent and those that attach', async () => {
    const first = await call({ waits: true });
    await inPhase(first.call, 'waiting');
    const attachedBefore = await again(first);
    await attached(attachedBefore);
    await first.call.terminate();
    for (const parent of [first.parent, attachedBefore, await again(first)]) {
      expect(await failureOf(parent)).toMatchObject({
        type: 'CallAborted',
        nonRetryable: true,
        message: expect.stringMatching(
          /^CallAborted: call\/.* was terminated before it had a result/,
        ),
        details: [{ workflowId: first.call.workflowId }],
      });
    }
  });
});

describe('the worker of the calls', () => {
  it('hands a poll to another worker when it stops', async () => {
    const taskQueue = `restarted-${randomUUID()}`;
    const number = '+14155550190';
    const input = inputFor(number, { notBefore: later() });
    const options = { key: randomUUID(), taskQueue };
    // At this scale the first poll waits for 20 s.
    const before = await startRig({ taskQueue, timeScale: 1 });
    const first = await user.call(input, options);
    await inPhase(handleOf(options.key), 'waiting');
    const second = await user.call(input, options);
    await until(async () => {
      const { raw } = await second.describe();
      return raw.pendingActivities?.some(({ state }) => state === STARTED);
    });
    const stoppedMs = Date.now();
    await before.stop();
    expect(Date.now() - stoppedMs).toBeLessThan(5_000);

    const after = await startRig({ taskQueue, timeScale: 1 });
    await after.plan({ numbers: { [number]: { phone: 'answered' } } });
    await handleOf(options.key).executeUpdate('redialNow');
    expect(await first.result()).toMatchObject({ outcome: 'answered' });
    expect(await second.result()).toEqual(await first.result());
    await after.stop();
  });

  it('serves callers where the namespace has no search attributes', async () => {
    const taskQueue = `plain-${randomUUID()}`;
    const plain = await startRig({ taskQueue, searchAttributes: 'off' });
    const number = '+14155550191';
    await plain.plan({ numbers: { [number]: { phone: 'stuck_ringing' } } });
    const options = { key: randomUUID(), taskQueue };
    const first = await user.call(inputFor(number, { completion: { mode: 'poll' } }), options);
    const { callId } = await inPhase(handleOf(options.key), 'ringing');
    const second = await user.call(inputFor(number), options);
    await attached(second);
    await plain.control(`calls/${callId}/end`, { status: 'ended', duration_seconds: 7 });
    expect(await second.result()).toEqual(await first.result());
    await plain.stop();
  });

  it('runs none of the activities that send requests', async () => {
    const parent = await user.start('StrayParent', rig.taskQueue);
    expect(await parent.result()).toMatch(/placeCall.* is not registered/);
  });
});

describe('a call that is reset', () => {
  it('is still awaited by its parent and by those attached', async () => {
    const first = await call({ waits: true });
    await inPhase(first.call, 'waiting');
    const second = await again(first);
    await attached(second);
    const newRun = await reset(first.call, 'first');
    await inPhase(newRun, 'waiting');
    await newRun.executeUpdate('stop');
    // The run before the reset may have sent the request.
    await inPhase(newRun, 'unclear');
    await newRun.executeUpdate('resolve', { args: [{ dialled: false }] });
    const result = await newRun.result();
    expect(await second.result()).toEqual(result);
    expect(await first.parent.result()).toEqual(result);
  });
});
