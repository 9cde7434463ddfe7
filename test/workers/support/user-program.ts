import { NativeConnection, Worker } from '@temporalio/worker';
import { TruedyPlugin } from '../../../src/workers/plugin';

/** A program of a user, stopped by the signals that the SDK handles by default. */
async function main(): Promise<void> {
  const address = process.env['TEMPORAL_ADDRESS'] ?? '';
  const connect = NativeConnection.connect.bind(NativeConnection);
  // The SDK's default is a fixed port. The server of the tests has another one.
  NativeConnection.connect = (options) => connect({ address, ...options });
  const connection = process.env['OWN_CONNECTION'] && (await NativeConnection.connect());
  const worker = await Worker.create({
    ...(connection && { connection }),
    taskQueue: `user-${process.pid}`,
    workflowsPath: require.resolve('./parent'),
    plugins: [new TruedyPlugin(JSON.parse(process.env['SETTINGS'] ?? '{}'))],
  });
  await worker.run();
  if (connection) await connection.close();
}

void main();
