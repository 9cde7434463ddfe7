import { randomUUID } from 'node:crypto';
import { createServerQuestions } from '../../src/temporal/server-questions';
import { testClient } from '../support/temporal';
import { until } from '../support/until';

let temporal: Awaited<ReturnType<typeof testClient>>;
beforeAll(async () => {
  temporal = await testClient();
});
afterAll(() => temporal.close());

/** A run that no worker takes, or one that was terminated. */
async function run(workflowId: string, isClosed: boolean): Promise<string> {
  const { workflow } = temporal.client;
  const handle = await workflow.start('Any', { workflowId, taskQueue: randomUUID() });
  if (isClosed) await handle.terminate();
  return handle.firstExecutionRunId;
}

it('lists every run of a workflow id, closed or open, and no others', async () => {
  const workflowId = `call/O'Brien ${randomUUID()}`;
  const [closed, open] = [await run(workflowId, true), await run(workflowId, false)];
  const beside = await run(`${workflowId}x`, false);
  const { runsOf } = createServerQuestions(temporal.client);
  const listed = await until(async () => {
    const runs = await runsOf(workflowId);
    return runs.length > 1 ? runs : undefined;
  });
  expect(listed.map(({ runId }) => runId).sort()).toEqual([closed, open].sort());
  await temporal.client.workflow.getHandle(workflowId).terminate();
  await temporal.client.workflow.getHandle(`${workflowId}x`, beside).terminate();
});

it('asks in a way that leaves SQLite no index but the one on the workflow id', async () => {
  const queries: (string | undefined)[] = [];
  const { options, workflow, connection, workflowService } = temporal.client;
  const list: typeof workflow.list = (asked) => {
    queries.push(asked?.query);
    return workflow.list(asked);
  };
  const spied = { options, connection, workflowService, workflow: { list } };
  const { runsOf } = createServerQuestions(spied as unknown as typeof temporal.client);
  await runsOf('call/1');
  // The server adds `TemporalNamespaceDivision IS NULL` to queries that do not name it, and SQLite takes its index.
  expect(queries).toEqual([
    "WorkflowId = 'call/1' AND (TemporalNamespaceDivision IS NULL OR TemporalNamespaceDivision = 'none')",
  ]);
});
