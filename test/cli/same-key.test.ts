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

/** A key that no other test has, its run, and a start of it that no worker takes up. */
function newCall() {
  const key = `order-${randomUUID()}`;
  return {
    key,
    handle: temporal.client.workflow.getHandle(`call/${key}`),
    start: (...flags: string[]) =>
      command([...CALL, '--key', key, ...flags], { TRUEDY_TASK_QUEUE: `nobody-${key}` }),
  };
}

describe('one key', () => {
  it('is one run while it runs', async () => {
    const { key, handle, start } = newCall();
    await start();
    const { runId } = await handle.describe();
    const { exit, stdout, stderr } = await start();
    expect([exit, stdout]).toEqual([0, `call/${key}\n`]);
    expect(stderr).toContain('This key was started before. No new call was started.');
    expect((await handle.describe()).runId).toBe(runId);
    await handle.terminate();
  });

  it('is one run where starts meet', async () => {
    const { handle } = newCall();
    const input = { call: { agent_id: 'agent_1', phone_number: '+14155550101' } };
    const options = { taskQueue: `nobody-${randomUUID()}` };
    const runs = await Promise.all(
      [1, 2, 3].map(async () => {
        await startOrFind(temporal.client, handle.workflowId, input, options);
        return (await handle.describe()).runId;
      }),
    );
    expect(new Set(runs).size).toBe(1);
    await handle.terminate();
  });

  it('starts no other call once its own was terminated, and says so', async () => {
    const { key, handle, start } = newCall();
    await start();
    const { runId } = await handle.describe();
    await handle.terminate();
    const { exit, stdout, stderr } = await start();
    expect([exit, stdout]).toEqual([0, `call/${key}\n`]);
    expect(stderr).toContain('This key was started before. No new call was started.');
    expect((await handle.describe()).runId).toBe(runId);
  });

  it('starts nothing in a dry run', async () => {
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
      taskQueue: `nobody-${key}`,
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
  ])('tells its id as %s: one %s', async (format, _, expected) => {
    const { handle, start } = newCall();
    const { exit, stdout } = await start('-o', format);
    expect([exit, stdout]).toEqual([0, expected(handle.workflowId)]);
    await handle.terminate();
  });

  it('warns of redials where no calling hours are set', async () => {
    const { handle, start } = newCall();
    const { exit, stderr } = await start('--max-attempts', '2', '--redial', 'busy=5m');
    expect(exit).toBe(0);
    expect(stderr).toContain('without calling hours (--window)');
    await handle.terminate();
  });
});
