import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes';
import { addSearchAttributes, missingSearchAttributes } from '../../src/temporal/search-attributes';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/search-attributes';
import { newNamespace } from '../support/namespace';
import { testClient } from '../support/temporal';

const ALL = SEARCH_ATTRIBUTES.map(({ name }) => name);

let temporal: Awaited<ReturnType<typeof testClient>>;
beforeAll(async () => {
  temporal = await testClient();
});
afterAll(() => temporal.close());

it('misses none on a server of ours', async () => {
  await expect(missingSearchAttributes(temporal.connection, 'default')).resolves.toEqual([]);
});

it('misses all in a bare namespace, and none once they are added', async () => {
  const namespace = await newNamespace(temporal.connection);
  await expect(missingSearchAttributes(temporal.connection, namespace)).resolves.toEqual(ALL);
  await addSearchAttributes(temporal.connection, namespace);
  await expect(missingSearchAttributes(temporal.connection, namespace)).resolves.toEqual([]);
});

it('goes on missing one that has another type', async () => {
  const namespace = await newNamespace(temporal.connection);
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
