import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes';
import { msToTs } from '@temporalio/common/lib/time';
import { addSearchAttributes, missingSearchAttributes } from '../../src/temporal/search-attributes';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/search-attributes';
import { testClient } from '../support/temporal';

const ALL = SEARCH_ATTRIBUTES.map(({ name }) => name);

let temporal: Awaited<ReturnType<typeof testClient>>;
beforeAll(async () => {
  temporal = await testClient();
});
afterAll(() => temporal.close());

/** A namespace of its own: attributes cannot be taken away from one that others use. */
async function newNamespace(): Promise<string> {
  const namespace = `truedy-${randomUUID()}`;
  const { workflowService } = temporal.connection;
  await workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  await eventually(() => missingSearchAttributes(temporal.connection, namespace));
  return namespace;
}

/** A new namespace is known everywhere only after a moment. */
async function eventually<T>(act: () => Promise<T>): Promise<T> {
  for (const endMs = Date.now() + 20_000; ;) {
    try {
      return await act();
    } catch (error) {
      if (Date.now() > endMs) throw error;
      await sleep(200);
    }
  }
}

it('misses none on a server of ours', async () => {
  await expect(missingSearchAttributes(temporal.connection, 'default')).resolves.toEqual([]);
});

it('misses all in a bare namespace, and none once they are added', async () => {
  const namespace = await newNamespace();
  await expect(missingSearchAttributes(temporal.connection, namespace)).resolves.toEqual(ALL);
  await addSearchAttributes(temporal.connection, namespace);
  await expect(missingSearchAttributes(temporal.connection, namespace)).resolves.toEqual([]);
});

it('goes on missing one that has another type', async () => {
  const namespace = await newNamespace();
  await temporal.connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries([
      ['TruedyAttempt', encodeSearchAttributeIndexedValueType('KEYWORD') ?? 0],
    ]),
  });
  await addSearchAttributes(temporal.connection, namespace);
  await expect(missingSearchAttributes(temporal.connection, namespace)).resolves.toEqual([
    'TruedyAttempt',
  ]);
});
