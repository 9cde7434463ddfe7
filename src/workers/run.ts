import { makeTelemetryFilterString } from '@temporalio/worker';
import { readWorkerConfig, type WorkerConfig } from '../runtime/config';
import { unknownSettings } from '../runtime/list-settings';
import { createLogger, toTemporalLogger, type Logger } from '../runtime/log';
import { loadEnvironment, untilStopped } from '../runtime/process';
import { readDataConverter } from '../temporal/data-converter';
import { connectWorker } from '../temporal/worker-connection';
import { createWorkers } from './create';
import { installWithMetrics } from './metrics';
import type { WorkerOptions } from './types';
import { monitorWorkers } from './monitor';

/**
 * Sends the SDK's logs to our logger. Call it once per process, before any other use of the SDK.
 *
 * @throws SettingsError if the address of the metrics page is not available.
 */
export function installRuntime(log: Logger, metricsAddress?: WorkerConfig['metricsAddress']): void {
  const filter = makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' });
  installWithMetrics(
    {
      logger: toTemporalLogger(log),
      telemetryOptions: { logging: { filter, forward: {} } },
      shutdownSignals: [],
    },
    metricsAddress,
  );
}

/** Runs a worker process until it is stopped. */
export async function runWorker(options: WorkerOptions = {}): Promise<void> {
  const env = loadEnvironment();
  const config = readWorkerConfig(env);
  const log = createLogger({ name: 'worker', level: config.logLevel, format: config.logFormat });
  for (const line of unknownSettings(env)) log.warn(line);
  if (config.dialCheckUrl !== undefined && config.dialCheckKey === undefined) {
    log.warn('TRUEDY_DIAL_CHECK_KEY is not set: every numberHash changes with TRUEDY_API_KEY');
  }
  if (config.timeScale !== 1) log.warn({ timeScale: config.timeScale }, 'Waits are shortened');
  const dataConverter = readDataConverter(env, {
    onUnknownKey: (keyId) => logUnknownKey(log, keyId),
  });
  installRuntime(log, config.metricsAddress);
  const temporal = await connectWorker(env);
  const workers = await createWorkers(config, { ...temporal, dataConverter }, log, options);
  const { connection, namespace, address } = temporal;
  const stopMonitoring = await monitorWorkers(
    { config, connection, namespace, workers, log },
    options.watch,
  );
  const running = workers.run();
  const queues = `${config.taskQueue} and ${config.apiTaskQueue}`;
  const { deployment } = config;
  const build = deployment && `, build ${deployment.deploymentName}:${deployment.buildId}`;
  const ready = `Worker ready on ${queues} (${namespace} at ${address})${build ?? ''}`;
  const stopped = untilStopped(async () => {
    workers.shutdown();
    await running;
  }, ready);
  await Promise.race([stopped, running]);
  await running;
  stopMonitoring();
  await connection.close();
}

// --- internal ---

function logUnknownKey(log: Logger, keyId: string): void {
  log.error(
    { keyId },
    'TT6004 A payload cannot be decrypted: its run waits until TRUEDY_ENCRYPTION_KEYS contains the key',
  );
}
