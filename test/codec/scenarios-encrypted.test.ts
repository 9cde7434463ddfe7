import { Client, Connection } from '@temporalio/client';
import { createDataConverter } from '../../src/codec';
import { encode, startedQueues } from '../support/rig';
import { testAddress } from '../support/temporal';
import { until } from '../support/until';
import { K1 } from './support/keys';
import { rawHistory } from './support/raw';

/** The tests of whole calls, with encryption. Then every history that they left on the server is searched. */
encode(createDataConverter({ keys: K1 }));
// First, because the logs of a process go to its first rig.
jest.requireActual('../workflows/outbound-call.test');
jest.requireActual('../workflows/scenarios.test');
jest.requireActual('../workflows/early-ending.test');

/** Numbers, masked or not, variables and what was said. */
const PERSONAL = /415555\d{4}|\u2022{3}|\u00e2\u0080\u00a2|Sarah|virtual phone/;

it('leaves nothing about a person readable in any history', async () => {
  const connection = await Connection.connect({ address: testAddress() });
  try {
    const client = new Client({ connection });
    const query = startedQueues.map((queue) => `TaskQueue = '${queue}'`).join(' OR ');
    // Visibility may lag behind.
    const runs = await until(async () => {
      const listed = [];
      for await (const run of client.workflow.list({ query })) listed.push(run);
      return listed.length > 20 && listed;
    });
    for (const { workflowId, runId } of runs) {
      const text = await rawHistory({ client }, { workflowId, runId });
      expect(text).toContain('binary/encrypted');
      expect(PERSONAL.exec(text)?.[0]).toBeUndefined();
    }
  } finally {
    await connection.close();
  }
});
