import { NativeConnection } from '@temporalio/worker';
import { KnownError } from '../process';
import { readTemporalSettings } from './client';
import { unreachable } from './unreachable';

/**
 * The connection of a worker.
 *
 * @throws KnownError with exit 4 where no server answers.
 */
export async function connectWorker(env: NodeJS.ProcessEnv) {
  const { connectionOptions, namespace, address } = readTemporalSettings(env);
  const { address: _, ...rest } = connectionOptions;
  try {
    const connection = await NativeConnection.connect({ ...rest, address });
    return { connection, namespace, address };
  } catch (error) {
    throw new KnownError(unreachable(address), 4, { cause: error });
  }
}
