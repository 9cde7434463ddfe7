import { Client, Connection } from '@temporalio/client';

/** The address of the shared test server. */
export function testAddress(): string {
  const address = process.env['TRUEDY_TEST_TEMPORAL_ADDRESS'];
  if (address === undefined) throw new Error('The test run has no Temporal server');
  return address;
}

/** A client of the shared test server. The test must close it. */
export async function testClient() {
  const address = testAddress();
  const connection = await Connection.connect({ address });
  return {
    client: new Client({ connection }),
    connection,
    namespace: 'default',
    address,
    addressSource: 'the test',
    close: () => connection.close(),
  };
}
