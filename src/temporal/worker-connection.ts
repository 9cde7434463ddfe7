import { NativeConnection } from '@temporalio/worker';
import { KnownError } from '../runtime/process';
import { readTemporalSettings } from './client';
import { whyUnreachable } from './tcp-probe';
import { unreachable } from './unreachable';

/** How long is spent on finding out why. */
const REASON_LIMIT_MS = 300;

/**
 * The connection of a worker.
 *
 * @throws KnownError with exit 4 where no server answers.
 */
export async function connectWorker(env: NodeJS.ProcessEnv) {
  const settings = readTemporalSettings(env);
  const { connectionOptions, namespace, address } = settings;
  const { address: _, ...rest } = connectionOptions;
  try {
    const connection = await NativeConnection.connect({ ...rest, address });
    return { connection, namespace, address };
  } catch (error) {
    const why = await whyUnreachable(address, REASON_LIMIT_MS);
    throw new KnownError(unreachable(settings, why), 4, { cause: error });
  }
}
