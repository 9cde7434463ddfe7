import { randomUUID } from 'node:crypto';
import { WorkflowNotFoundError } from '@temporalio/client';
import { callWorkflowId, startCall } from '../../src/client/start-call';
import { toTruedyFailure } from '../../src/client/truedy-failure';
import { phones } from '../../src/testing';
import { getCall } from '../../src/workflows/messages';
import { inputFor, startRig, type Rig } from '../support/rig';

let rig: Rig;

beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.stop());

const start = (key: string, number: string = phones.answered) =>
  startCall(rig.client, inputFor(number), { key, taskQueue: rig.taskQueue });

describe('startCall', () => {
  it('places one call for one key, while it runs and after it has ended', async () => {
    const key = randomUUID();
    const handles = await Promise.all([start(key), start(key)]);
    expect(handles.map(({ workflowId }) => workflowId)).toEqual([
      callWorkflowId(key),
      callWorkflowId(key),
    ]);
    const [first, second] = await Promise.all(handles.map((handle) => handle.result()));
    const third = await (await start(key)).result();
    expect([second, third]).toEqual([first, first]);
    expect(first?.outcome).toBe('answered');
    expect((await rig.seen({ workflowId: callWorkflowId(key) })).dials).toHaveLength(1);
  });

  it('sets the search attributes that the namespace has, and returns a typed handle', async () => {
    const handle = await start(randomUUID(), phones.busy);
    expect((await handle.result()).outcome).toBe('busy');
    expect((await handle.query(getCall)).phase).toBe('ended');
    const { events } = await handle.fetchHistory();
    const started = events?.[0]?.workflowExecutionStartedEventAttributes;
    expect(Object.keys(started?.searchAttributes?.indexedFields ?? {})).toContain('TruedyPhase');
  });

  it('starts nothing for invalid input, and reports every problem', async () => {
    const key = randomUUID();
    const error: unknown = await start(key, '4155550101').catch((thrown: unknown) => thrown);
    expect(toTruedyFailure(error)).toEqual({
      type: 'InvalidInput',
      attempts: [],
      problems: [{ path: 'call.phone_number', problem: expect.stringContaining('is not E.164') }],
    });
    const existing = rig.client.workflow.getHandle(callWorkflowId(key));
    await expect(existing.describe()).rejects.toBeInstanceOf(WorkflowNotFoundError);
  });

  it.each([
    '',
    'with space',
    'with\\backslash',
    'ümlaut',
    '+14155550101',
    `for-${phones.answered}`,
    'x'.repeat(1_001),
  ])('refuses the key "%s"', async (key) => {
    await expect(start(key)).rejects.toThrow(/^InvalidInput: key must be printable ASCII/);
  });
});
