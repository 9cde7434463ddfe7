import { randomUUID } from 'node:crypto';
import { startOrFind } from '../../src/client/start-call';
import { testClient } from '../support/temporal';
import { command } from './support/command';

const CALL = ['start', '--to', '+14155550101', '--agent', 'agent_1'];

let temporal: Awaited<ReturnType<typeof testClient>>;
beforeAll(async () => {
  temporal = await testClient();
});
afterAll(() => temporal.close());

/** A unique key, the handle of its run, and a function that starts it on a queue without workers. */
function newCall() {
  const key = `order-${randomUUID()}`;
  return {
    key,
    handle: temporal.client.workflow.getHandle(`call/${key}`),
    start: (...flags: string[]) =>
      command([...CALL, '--key', key, ...flags], { TRUEDY_TASK_QUEUE: `unpolled-${key}` }),
  };
}

describe('one key', () => {
  it('is not started a second time while its call is open', async () => {
    const { key, handle, start } = newCall();
    await start();
    const { runId } = await handle.describe();
    const { exit, stdout, stderr } = await start();
    expect([exit, stdout]).toEqual([0, `call/${key}\n`]);
    expect(stderr).toContain('This key was started before. No new call was started.');
    expect((await handle.describe()).runId).toBe(runId);
    await handle.terminate();
  });

  it('is one run if several starts are concurrent', async () => {
    const { handle } = newCall();
    const input = { call: { agent_id: 'agent_1', phone_number: '+14155550101' } };
    const options = { taskQueue: `unpolled-${randomUUID()}` };
    const runs = await Promise.all(
      [1, 2, 3].map(async () => {
        await startOrFind(temporal.client, handle.workflowId, input, options);
        return (await handle.describe()).runId;
      }),
    );
    expect(new Set(runs).size).toBe(1);
    await handle.terminate();
  });

  it('is not started again after its call was terminated, and the output reports that', async () => {
    const { key, handle, start } = newCall();
    await start();
    const { runId } = await handle.describe();
    await handle.terminate();
    const { exit, stdout, stderr } = await start();
    expect([exit, stdout]).toEqual([0, `call/${key}\n`]);
    expect(stderr).toContain('This key was started before. No new call was started.');
    expect((await handle.describe()).runId).toBe(runId);
  });

  it('is not started in a dry run', async () => {
    const { handle, start } = newCall();
    await start('--dry-run');
    await expect(handle.describe()).rejects.toThrow(/not found/);
  });
});

describe('a start', () => {
  it('runs our workflow with the input as its one argument', async () => {
    const { key, handle, start } = newCall();
    await start('--var', 'first_name=Sarah');
    const { type, taskQueue } = await handle.describe();
    expect({ type, taskQueue }).toEqual({
      type: 'OutboundCallWorkflow',
      taskQueue: `unpolled-${key}`,
    });
    const { events } = await handle.fetchHistory();
    const payloads = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    expect(payloads.map(({ data }) => JSON.parse(Buffer.from(data ?? []).toString()))).toEqual([
      {
        call: {
          agent_id: 'agent_1',
          phone_number: '+14155550101',
          variables: { first_name: 'Sarah' },
        },
      },
    ]);
    await handle.terminate();
  });

  it.each([
    ['json', 'object', (id: string) => `{\n  "workflowId": "${id}"\n}\n`],
    ['jsonl', 'line', (id: string) => `{"workflowId":"${id}"}\n`],
    ['none', 'nothing', () => ''],
  ])('prints its id as %s: one %s', async (format, _, expected) => {
    const { handle, start } = newCall();
    const { exit, stdout } = await start('-o', format);
    expect([exit, stdout]).toEqual([0, expected(handle.workflowId)]);
    await handle.terminate();
  });

  it('warns about redials without calling hours', async () => {
    const { handle, start } = newCall();
    const { exit, stderr } = await start('--max-attempts', '2', '--redial', 'busy=5m');
    expect(exit).toBe(0);
    expect(stderr).toContain('without calling hours (--window)');
    await handle.terminate();
  });
});
