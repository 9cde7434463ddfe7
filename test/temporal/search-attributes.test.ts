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

it.each([
  ['may not ask', 7],
  ['ask a server that does not tell', 12],
])('misses all where we %s: calls run without them', async (_, code) => {
  const refused = Object.assign(new Error('refused'), { code });
  const operatorService = {
    listSearchAttributes: () => Promise.reject(refused),
    addSearchAttributes: () => Promise.reject(refused),
  } as unknown as typeof temporal.connection.operatorService;
  await expect(missingSearchAttributes({ operatorService }, 'default')).resolves.toEqual(ALL);
});

it('fails where the server is away, for then nothing is known', async () => {
  const away = Object.assign(new Error('away'), { code: 14 });
  const operatorService = {
    listSearchAttributes: () => Promise.reject(away),
    addSearchAttributes: () => Promise.reject(away),
  } as unknown as typeof temporal.connection.operatorService;
  await expect(missingSearchAttributes({ operatorService }, 'default')).rejects.toBe(away);
});
