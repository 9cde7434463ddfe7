import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes';
import { GRPC_STATUS } from '../../src/temporal/grpc-status';
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

it('finds nothing missing on the test server', async () => {
  await expect(missingSearchAttributes(temporal.connection, 'default')).resolves.toEqual([]);
});

it('finds all missing in a new namespace, and none after adding them', async () => {
  const namespace = await newNamespace(temporal.connection);
  await expect(missingSearchAttributes(temporal.connection, namespace)).resolves.toEqual(ALL);
  await addSearchAttributes(temporal.connection, namespace);
  await expect(missingSearchAttributes(temporal.connection, namespace)).resolves.toEqual([]);
});

it('still reports one that exists with another type', async () => {
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
  ['denies the request', GRPC_STATUS.PERMISSION_DENIED],
  ['does not implement the request', GRPC_STATUS.UNIMPLEMENTED],
])('reports all as missing when the server %s', async (_, code) => {
  const refused = Object.assign(new Error('refused'), { code });
  const operatorService = {
    listSearchAttributes: () => Promise.reject(refused),
    addSearchAttributes: () => Promise.reject(refused),
  } as unknown as typeof temporal.connection.operatorService;
  await expect(missingSearchAttributes({ operatorService }, 'default')).resolves.toEqual(ALL);
});

it('fails when the server is unreachable', async () => {
  const away = Object.assign(new Error('away'), { code: GRPC_STATUS.UNAVAILABLE });
  const operatorService = {
    listSearchAttributes: () => Promise.reject(away),
    addSearchAttributes: () => Promise.reject(away),
  } as unknown as typeof temporal.connection.operatorService;
  await expect(missingSearchAttributes({ operatorService }, 'default')).rejects.toBe(away);
});
