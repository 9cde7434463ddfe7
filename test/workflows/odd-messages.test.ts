import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { inputFor, startRig, until, type Rig } from '../support/rig';
import { scriptVendor, shownCall } from '../support/scripted-vendor';
import { WORKFLOW_TYPE } from '../../src/workflows/messages';

/** Messages that anybody with access to the namespace can send to a run. None of them may block the run. */
const NUMBER = '+14155550101';
const CANARY = 'canary-7f3a';

let rig: Rig;
const vendor = scriptVendor();

beforeAll(async () => {
  vendor.place = ({ number, reference }) => shownCall('call_1', { phoneNumber: number, reference });
  vendor.read = (id) =>
    shownCall(id, { phoneNumber: NUMBER, record: { status: 'ended', duration_seconds: 9 } });
  rig = await startRig({ truedy: vendor.client });
});
afterAll(() => rig.stop());

const { UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED: COMPLETED } =
  temporal.api.enums.v1.UpdateWorkflowExecutionLifecycleStage;

type Payload = { metadata: Record<string, Uint8Array>; data: Uint8Array };

const payload = (encoding: string, data: string): Payload => ({
  metadata: { encoding: Buffer.from(encoding) },
  data: Buffer.from(data),
});

/** Payloads that the SDK's own converter throws on. */
const UNDECODABLE: readonly (readonly [string, Payload])[] = [
  ['of an unknown encoding', payload('binary/strange', CANARY)],
  ['of protobuf as JSON', payload('json/protobuf', `{"a":"${CANARY}"}`)],
  ['of truncated JSON', payload('json/plain', `{"event":"${CANARY}`)],
  ['of empty JSON', payload('json/plain', '')],
  ['without an encoding', { metadata: {}, data: Buffer.from(CANARY) }],
];

async function waiting(): Promise<WorkflowHandle> {
  const notBefore = new Date(Date.now() + 3_600_000).toISOString();
  const handle = await rig.start(inputFor(NUMBER, { notBefore, completion: { mode: 'poll' } }));
  await until(async () => (await rig.view(handle)).phase === 'waiting');
  return handle;
}

async function signal(handle: WorkflowHandle, signalName: string, payloads: Payload[]) {
  await rig.client.workflowService.signalWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: handle.workflowId },
    signalName,
    input: { payloads },
    requestId: randomUUID(),
  });
}

/** Sends an update as any client can. Returns the type of the error, if any. */
async function update(handle: WorkflowHandle, name: string, payloads: Payload[]) {
  const { outcome } = await rig.client.workflowService.updateWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: handle.workflowId },
    request: { meta: { updateId: randomUUID() }, input: { name, args: { payloads } } },
    waitPolicy: { lifecycleStage: COMPLETED },
  });
  return outcome?.failure?.applicationFailureInfo?.type;
}

/** Expects that a waiting run still works: its call is placed, and it completes. */
async function expectToComplete(handle: WorkflowHandle): Promise<void> {
  await handle.executeUpdate('redialNow');
  expect(await handle.result()).toMatchObject({ outcome: 'answered' });
  const events = await rig.events(handle);
  expect(events.filter((type) => type === 'WORKFLOW_TASK_FAILED')).toEqual([]);
}

describe('a live run', () => {
  it.each(UNDECODABLE)('ignores a signal with a payload %s', async (_, one) => {
    const handle = await waiting();
    await signal(handle, 'callEvent', [one]);
    await signal(handle, 'anything', [one]);
    await signal(handle, 'callEvent', []);
    await expectToComplete(handle);
  });

  it.each(UNDECODABLE)('rejects updates with a payload %s', async (_, one) => {
    const handle = await waiting();
    for (const name of ['reschedule', 'redialNow', 'stop']) {
      expect([name, await update(handle, name, [one])]).toEqual([name, 'InvalidInput']);
    }
    expect(await update(handle, 'resolve', [one])).toBe('NotNow');
    await expectToComplete(handle);
  });

  it('answers a query with a payload that cannot be decoded', async () => {
    const handle = await waiting();
    const input = { payloads: [payload('binary/strange', CANARY)] };
    const answer = rig.client.workflowService.queryWorkflow({
      namespace: 'default',
      execution: { workflowId: handle.workflowId },
      query: { queryType: 'getCall', queryArgs: input },
    });
    await expect(answer).resolves.toBeDefined();
    await expectToComplete(handle);
  });

  it('completes whatever JSON it receives', async () => {
    const handle = await waiting();
    const field = fc.oneof(fc.jsonValue(), fc.constant('call_1'), fc.constant('ended'));
    const event = fc.record(
      {
        event: fc.oneof(fc.constantFrom('call.ended', 'call.started'), fc.jsonValue()),
        attempt: field,
        callId: field,
        ids: field,
        call: fc.oneof(fc.record({ id: field, status: field, ended_at: field }), field),
        numberDigest: field,
        reason: field,
        receivedAt: field,
      },
      { requiredKeys: [] },
    );
    // Events about another attempt do not mark an unsent attempt as dialed.
    const odd = fc.oneof(
      fc.jsonValue(),
      event.map((one) => ({ ...one, attempt: 7 })),
    );
    for (const one of fc.sample(odd, { numRuns: 60, seed: 7 })) {
      await signal(handle, 'callEvent', [payload('json/plain', JSON.stringify(one))]);
    }
    const given = fc.sample(fc.jsonValue(), { numRuns: 15, seed: 7 });
    const refused = ['InvalidInput', 'NotNow'];
    for (const one of [...given, null, [], 'x'.repeat(100_000), { reason: 1e308 }]) {
      const payloads = [payload('json/plain', JSON.stringify(one))];
      expect(refused).toContain(await update(handle, 'reschedule', payloads));
      expect(refused).toContain(await update(handle, 'resolve', payloads));
    }
    await expectToComplete(handle);
  });
});

describe('a start', () => {
  const begin = async (payloads: Payload[]) => {
    const workflowId = `call/${randomUUID()}`;
    await rig.client.workflowService.startWorkflowExecution({
      namespace: 'default',
      workflowId,
      workflowType: { name: WORKFLOW_TYPE },
      taskQueue: { name: rig.taskQueue },
      input: { payloads },
      requestId: randomUUID(),
    });
    return rig.client.workflow.getHandle(workflowId);
  };
  const typeOf = (handle: WorkflowHandle) =>
    handle.result().then(
      () => 'completed',
      (error: unknown) =>
        error instanceof WorkflowFailedError &&
        error.cause instanceof ApplicationFailure &&
        error.cause.type,
    );
  const nested = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;

  it.each([
    ...UNDECODABLE,
    ['that is null', payload('binary/null', '')] as const,
    ['that is text', payload('json/plain', '"x"')] as const,
    ['that is bytes', payload('binary/plain', 'x')] as const,
    ['that is nested too deep', payload('json/plain', `{"call":${nested}}`)] as const,
  ])('with an input %s fails as InvalidInput', async (_, one) => {
    expect(await typeOf(await begin([one]))).toBe('InvalidInput');
  });

  it('without an input fails as InvalidInput', async () => {
    expect(await typeOf(await begin([]))).toBe('InvalidInput');
  });

  it.each([
    ['null', payload('json/plain', 'null')],
    ['an object', payload('json/plain', '{}')],
    ['state of no earlier run', payload('json/plain', '{"attempts":1,"limits":null,"plan":{}}')],
    ['bytes that cannot be decoded', payload('binary/strange', CANARY)],
  ])('with %s after its input still waits until notBefore', async (_, second) => {
    const notBefore = new Date(Date.now() + 3_600_000).toISOString();
    const input = inputFor(NUMBER, { notBefore, completion: { mode: 'poll' } });
    const handle = await begin([payload('json/plain', JSON.stringify(input)), second]);
    await until(async () => {
      const view = await rig.view(handle).catch(() => undefined);
      return view?.phase === 'waiting' && view.nextAt === notBefore;
    });
    await expectToComplete(handle);
  });
});

it('logs no part of a payload that cannot be decoded', () => {
  const text = JSON.stringify(rig.lines);
  expect(text).not.toContain(CANARY);
  expect(text).not.toContain(Buffer.from(CANARY).toString('base64').slice(0, 12));
});
