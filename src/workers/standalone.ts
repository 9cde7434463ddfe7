import type { DataConverter } from '@temporalio/common';
import type { NativeConnection } from '@temporalio/worker';
import { currentEnvironment, wrongSettingsError } from '../runtime/process';
import { connectWorker } from '../temporal/worker-connection';
import { createWorkers } from './create';
import { sdkLog, type TruedyPluginOptions } from './plugin';
import { readConverter, readSettings } from './settings';
import type { SdkOptions, WorkerTemporal, Workers } from './types';

export interface CreateWorkersOptions extends TruedyPluginOptions {
  /** Where the workers run, and options of the SDK for both of them. */
  readonly temporal?: SdkOptions & {
    /** As in every client of the namespace. Not with `encryptionKeys`. Default: no encryption. */
    readonly dataConverter?: DataConverter;
    /** Default: one by the `TEMPORAL_*` variables or the profile, closed once the workers have stopped. */
    readonly connection?: NativeConnection;
    /** Default: `default` with a connection of yours, else that of the environment. */
    readonly namespace?: string;
  };
}

/** The two Truedy workers, not yet running. */
export type TruedyWorkers = Pick<Workers, 'run' | 'shutdown' | 'because' | 'isLive'>;

/**
 * Creates the two Truedy workers, for a program that does not run a worker of its own. To run them beside one, use
 * `TruedyPlugin`. Installs no `Runtime`: logs, metrics and shutdown signals are those of the program.
 *
 * @throws SettingsError that lists every missing or invalid setting, or two data converters or deployments; KnownError if the server cannot be reached.
 */
export async function createTruedyWorkers(
  options: CreateWorkersOptions = {},
): Promise<TruedyWorkers> {
  const { temporal = {}, mayDial, ...settings } = options;
  const config = readSettings(settings, currentEnvironment());
  if (config.deployment !== undefined && temporal.workerDeploymentOptions !== undefined) {
    throw wrongSettingsError(
      ['deploymentName (TRUEDY_DEPLOYMENT_NAME) is set together with workerDeploymentOptions'],
      'Set only one of them: docs/deploy.md',
    );
  }
  const dataConverter = readConverter(settings, currentEnvironment(), temporal.dataConverter);
  const { connection: given, namespace, ...sdk } = temporal;
  const connected =
    given === undefined
      ? await connectWorker(currentEnvironment())
      : { connection: given, namespace: 'default' };
  const { connection } = connected;
  const place: WorkerTemporal = {
    ...sdk,
    dataConverter,
    connection,
    namespace: namespace ?? connected.namespace,
  };
  const close = async () => {
    if (given === undefined) await connection.close();
  };
  try {
    const made = mayDial === undefined ? {} : { mayDial };
    const { run, shutdown, because, isLive } = await createWorkers(config, place, sdkLog(), made);
    return { run: () => run().finally(close), shutdown, because, isLive };
  } catch (error) {
    await close();
    throw error;
  }
}
