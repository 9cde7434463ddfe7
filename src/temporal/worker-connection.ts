import { NativeConnection } from '@temporalio/worker';
import { KnownError } from '../runtime/process';
import { readTemporalSettings } from './client';
import { unreachable, whyUnreachable } from './tcp-probe';

/** How long to look for the reason of a failed connection. */
const REASON_LIMIT_MS = 300;

/** Connects a worker. @throws KnownError with exit code 4 if the server cannot be reached. */
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
