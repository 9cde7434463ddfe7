import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { SettingsError } from '../runtime/process';
import { readDataConverter } from './data-converter';

/** How a process reaches Temporal: from the environment, then from the profile. */
export interface TemporalSettings {
  readonly address: string;
  /** Where the address comes from, for messages: `profile prod`. */
  readonly addressSource: string;
  readonly namespace: string;
  readonly connectionOptions: ReturnType<typeof loadClientConnectConfig>['connectionOptions'];
}

// With gRPC's defaults it takes half a minute to notice that a server is back.
const RECONNECT = {
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 1000,
};

/**
 * Reads the `TEMPORAL_*` variables and the profile.
 *
 * @throws SettingsError if the configuration file or the profile they name does not exist. The SDK silently uses
 *   localhost if the file is missing.
 */
export function readTemporalSettings(env: NodeJS.ProcessEnv): TemporalSettings {
  const file = env['TEMPORAL_CONFIG_FILE'];
  if (file && !existsSync(file)) {
    throw new SettingsError(
      `TT1004  TEMPORAL_CONFIG_FILE is ${file}, but that file does not exist.\n` +
        '        The SDK would use localhost instead, so this command stops here.\n' +
        `        ls -l ${dirname(file)}`,
    );
  }
  const { connectionOptions, namespace } = load(env);
  return {
    address: connectionOptions.address ?? 'localhost:7233',
    addressSource: addressSource(env, connectionOptions.address),
    namespace: namespace ?? 'default',
    connectionOptions,
  };
}

/** Whether the environment or a profile names a server. If neither does, the address is localhost. */
export function isServerNamed(env: NodeJS.ProcessEnv): boolean {
  const { connectionOptions } = readTemporalSettings(env);
  return connectionOptions.address !== undefined || Boolean(env['TEMPORAL_PROFILE']);
}

/** The connection of the command line and of the bridge. */
export type Temporal = ReturnType<typeof createTemporalClient>;

/**
 * Creates a client that connects on first use. It does not load the worker package.
 *
 * @throws SettingsError if the settings of the connection or of encryption are invalid.
 */
export function createTemporalClient(env: NodeJS.ProcessEnv) {
  const { connectionOptions, namespace, address, addressSource } = readTemporalSettings(env);
  const dataConverter = readDataConverter(env);
  const connection = Connection.lazy({ ...connectionOptions, channelArgs: RECONNECT });
  const client = new Client({ connection, namespace, ...(dataConverter && { dataConverter }) });
  return { client, connection, namespace, address, addressSource };
}

// --- internal ---

function addressSource(env: NodeJS.ProcessEnv, address: string | undefined): string {
  if (env['TEMPORAL_ADDRESS']) return 'TEMPORAL_ADDRESS or --address';
  if (address === undefined) return 'the defaults (no TEMPORAL_ADDRESS, no profile)';
  return `profile ${env['TEMPORAL_PROFILE'] || 'default'}`;
}

/** @throws SettingsError if the profile does not exist, or the file is malformed. */
function load(env: NodeJS.ProcessEnv) {
  const overrideEnvVars = withoutEmpty(env);
  try {
    return loadClientConnectConfig({ overrideEnvVars });
  } catch (error) {
    // The SDK throws a TypeError for a file without any profile, which is equivalent to no file.
    if (error instanceof TypeError && !env['TEMPORAL_PROFILE']) {
      return loadClientConnectConfig({ overrideEnvVars, disableFile: true });
    }
    const why =
      error instanceof Error && !(error instanceof TypeError)
        ? error.message
        : `profile '${env['TEMPORAL_PROFILE']}' does not exist`;
    throw new SettingsError(
      `TT1005  Temporal's settings can't be used: ${why}.\n        temporal config list`,
    );
  }
}

/** An empty variable, as in a copy of `.env.example`, is treated as unset. */
function withoutEmpty(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
}
