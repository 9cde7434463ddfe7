import { NativeConnection } from '@temporalio/worker';
import { KnownError } from '../process';
import { readTemporalSettings } from './client';

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

/** What is said wherever no server answers. */
export function unreachable(address: string): string {
  return (
    `TT1001  Can't reach Temporal at ${address}.\n` +
    '        Nothing that speaks Temporal answers there.\n' +
    '        Start one:          temporal server start-dev\n' +
    '        Or point to yours:  TEMPORAL_ADDRESS=host:7233 or TEMPORAL_PROFILE=name'
  );
}
