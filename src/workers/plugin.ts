import { isDeepStrictEqual } from 'node:util';
import {
  NativeConnection,
  Runtime,
  type Worker,
  type WorkerOptions,
  type WorkerPlugin,
} from '@temporalio/worker';
import type { MayDial } from '../activities';
import type { WorkerConfig } from '../runtime/config';
import { currentEnvironment } from '../runtime/process';
import { createWorkers, isOwnWorker } from './create';
import { readConverter, readSettings, type TruedySettings } from './settings';
import { joinSharedWorkers, type Membership } from './shared-workers';
import type { WarningLog, WorkerTemporal } from './types';

export interface TruedyPluginOptions extends TruedySettings {
  /** Called just before every dial. Default: the configured dial check, or always `yes`. */
  readonly mayDial?: MayDial | undefined;
}

/**
 * Runs the two Truedy workers beside a worker of your own, in the same process: on its connection and namespace, with
 * its data converter and interceptors. They start and stop with it. If they fail, it stops and its `run()` throws their
 * error.
 *
 *     Worker.create({ …, plugins: [new TruedyPlugin({ apiKey })] })
 *
 * Workers on one connection share one pair of Truedy workers, which uses the converter and interceptors of the first.
 * With `encryptionKeys`, your worker uses them as well. `Worker.create` throws a `SettingsError` if a setting is missing
 * or invalid, or if your worker has a data converter beside the keys.
 */
export class TruedyPlugin implements WorkerPlugin {
  readonly name = 'temporal-truedy';
  // Private to the language, because the SDK logs the options of a worker, plugins included.
  readonly #options: TruedyPluginOptions;
  #config: WorkerConfig | undefined;

  constructor(options: TruedyPluginOptions = {}) {
    this.#options = options;
  }

  async configureWorker(options: WorkerOptions): Promise<WorkerOptions> {
    // Read here rather than in the constructor: a worker that only replays histories needs no API key.
    this.#config ??= readSettings(this.#options, currentEnvironment());
    const dataConverter = readConverter(this.#options, currentEnvironment(), options.dataConverter);
    const configured = { ...options, ...(dataConverter && { dataConverter }) };
    if (options.connection !== undefined) return configured;
    // The SDK would close a connection of its own with the worker, and thereby break ours.
    const connection = await NativeConnection.connect();
    OPENED.add(connection);
    return { ...configured, connection };
  }

  async runWorker(worker: Worker, next: (worker: Worker) => Promise<void>): Promise<void> {
    // A plugin of a connection is also called for our own workers.
    if (isOwnWorker(worker)) return next(worker);
    // First and synchronously: `runUntil` calls `shutdown` only on a worker that runs, and waits forever otherwise.
    const running = next(worker);
    running.catch(() => undefined);
    const { connection } = worker;
    try {
      await runBeside(worker, running, () => this.#join(worker));
    } finally {
      if (connection !== undefined && OPENED.delete(connection)) await connection.close();
    }
  }

  #join(worker: Worker): Membership {
    const { connection } = worker;
    if (connection === undefined) throw new Error('TruedyPlugin needs a worker with a connection');
    const { mayDial } = this.#options;
    const config = (this.#config ??= readSettings(this.#options, currentEnvironment()));
    const temporal = temporalOf(worker, connection);
    const settings = { config, mayDial };
    return joinSharedWorkers({
      connection,
      key: JSON.stringify([temporal.namespace, config.taskQueue, config.apiTaskQueue]),
      settings,
      accepts: (others) => isDeepStrictEqual(others, settings),
      create: () =>
        createWorkers(config, temporal, sdkLog(), mayDial === undefined ? {} : { mayDial }),
    });
  }
}

/** Warnings to the logger of the SDK's runtime, which belongs to the program. */
export function sdkLog(): WarningLog {
  return { warn: (fields, message) => Runtime.instance().logger.warn(message, { ...fields }) };
}

// --- internal ---

/** Connections that a plugin has opened, to be closed after the worker that uses them. */
const OPENED = new WeakSet<NativeConnection>();

/** Waits for the user's worker, and stops it if ours fail. Rejects with the error of whichever failed. */
async function runBeside(worker: Worker, running: Promise<void>, join: () => Membership) {
  const stop = () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  let membership: Membership;
  try {
    membership = join();
  } catch (error) {
    stop();
    await running;
    throw error;
  }
  membership.ended.catch(stop);
  try {
    await running;
  } catch (error) {
    // Its error is the one to report. An error of ours was either its cause or its consequence.
    await membership.leave().catch(() => undefined);
    throw error;
  }
  await membership.leave();
}

/** The options of the user's worker that ours share: final, because all plugins have been applied. */
function temporalOf(worker: Worker, connection: NativeConnection): WorkerTemporal {
  const { namespace, identity, dataConverter, interceptors, sinks, bundlerOptions } =
    worker.options;
  return {
    connection,
    namespace,
    identity,
    interceptors,
    ...(dataConverter && { dataConverter }),
    ...(sinks && { sinks: withoutReserved(sinks) }),
    ...(bundlerOptions && { bundlerOptions }),
  };
}

/** The SDK adds sinks of its own, which `Worker.create` refuses in its options. */
function withoutReserved(sinks: NonNullable<WorkerTemporal['sinks']>) {
  return Object.fromEntries(
    Object.entries(sinks).filter(([name]) => !name.startsWith('__temporal')),
  );
}
