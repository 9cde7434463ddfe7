import { randomUUID } from 'node:crypto';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { WORKFLOW_TYPE } from '../../src/workflows/messages';
import { inputFor, startRig, until, type Rig } from '../support/rig';

const { UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED: COMPLETED } =
  temporal.api.enums.v1.UpdateWorkflowExecutionLifecycleStage;

/** Payloads that cannot be decoded, such as another program, the `temporal` command or a faulty proxy may send. */
let rig: Rig;

beforeAll(async () => {
  rig = await startRig();
});

afterAll(() => rig.stop());

const payload = (encoding: string, data: string) => ({
  metadata: { encoding: Buffer.from(encoding) },
  data: Buffer.from(data),
});
const BROKEN = [
  payload('binary/strange', 'x'),
  payload('json/plain', '{"event":"call.en'),
  payload('json/protobuf', '{"event":"call.ended"}'),
];

async function startWaiting(number: string): Promise<WorkflowHandle> {
  const notBefore = new Date(Date.now() + 3_600_000).toISOString();
  const handle = await rig.start(inputFor(number, { notBefore }));
  await until(async () => (await rig.view(handle)).phase === 'waiting');
  return handle;
}

function signal(handle: WorkflowHandle, sent: object): Promise<unknown> {
  return rig.client.workflowService.signalWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: handle.workflowId },
    signalName: 'callEvent',
    input: { payloads: [sent] },
    requestId: randomUUID(),
    identity: 'test',
  });
}

it('a signal that cannot be decoded is ignored, and the run completes', async () => {
  const handle = await startWaiting('+14155550101');
  for (const sent of BROKEN) await signal(handle, sent);
  await handle.executeUpdate('redialNow');
  expect(await handle.result()).toMatchObject({ outcome: 'answered' });
  expect(await rig.events(handle)).not.toContain('WORKFLOW_TASK_FAILED');
});

it.each(BROKEN)('an input that cannot be decoded fails the run as InvalidInput', async (sent) => {
  const workflowId = `call/${randomUUID()}`;
  await rig.client.workflowService.startWorkflowExecution({
    namespace: 'default',
    workflowId,
    workflowType: { name: WORKFLOW_TYPE },
    taskQueue: { name: rig.taskQueue },
    input: { payloads: [sent] },
    requestId: randomUUID(),
    identity: 'test',
  });
  const failed = await rig.client.workflow
    .getHandle(workflowId)
    .result()
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  expect(failed).toBeInstanceOf(WorkflowFailedError);
  const encoding = String(sent.metadata.encoding);
  expect((failed as WorkflowFailedError).cause).toMatchObject({
    type: 'InvalidInput',
    message: `InvalidInput: input could not be decoded (encoding ${encoding}): send one JSON object, as json/plain`,
  });
});

it('an update that cannot be decoded is rejected as InvalidInput', async () => {
  const handle = await startWaiting('+14155550112');
  const { outcome } = await rig.client.workflowService.updateWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: handle.workflowId },
    waitPolicy: { lifecycleStage: COMPLETED },
    request: {
      meta: { updateId: randomUUID(), identity: 'test' },
      input: { name: 'reschedule', args: { payloads: BROKEN.slice(0, 1) } },
    },
  });
  expect(outcome?.failure?.applicationFailureInfo?.type).toBe('InvalidInput');
  await handle.executeUpdate('stop', { args: [{}] });
  expect(await handle.result()).toMatchObject({ outcome: 'cancelled' });
});

it('a result of placeCall that cannot be decoded is unclear: nothing is sent again, and the listing contains the call', async () => {
  await rig.plan({ numbers: { '+14155550113': { post: { kind: 'slow', afterMs: 60_000 } } } });
  const handle = await rig.start(inputFor('+14155550113'));
  const activityId = await until(async () => {
    const { raw } = await handle.describe();
    const isDialed = (await rig.seen(handle)).dials.length > 0;
    return isDialed && raw.pendingActivities?.[0]?.activityId;
  });
  await rig.client.workflowService.respondActivityTaskCompletedById({
    namespace: 'default',
    workflowId: handle.workflowId,
    activityId,
    result: { payloads: BROKEN.slice(0, 1) },
    identity: 'test',
  });
  expect(await handle.result()).toMatchObject({
    outcome: 'answered',
    attempts: [{ placedBy: 'listing' }],
  });
  expect((await rig.seen(handle)).posts).toHaveLength(1);
});
