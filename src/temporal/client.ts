import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { SettingsError } from '../runtime/process';

/** How a process reaches Temporal, as the environment and its profile say. */
export interface TemporalSettings {
  readonly address: string;
  /** Who says so, in words: `the default (…)`. */
  readonly namedBy: string;
  readonly namespace: string;
  readonly connectionOptions: ReturnType<typeof loadClientConnectConfig>['connectionOptions'];
}

// With the defaults of gRPC a server's return was noticed only after half a minute.
const RECONNECT = {
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 1000,
};

/**
 * Reads Temporal's own variables and profile.
 *
 * @throws SettingsError where a configuration file is named and missing: the SDK would take localhost in silence;
 *   and where a profile is named that there is not.
 */
export function readTemporalSettings(env: NodeJS.ProcessEnv): TemporalSettings {
  const file = env['TEMPORAL_CONFIG_FILE'];
  if (file && !existsSync(file)) {
    throw new SettingsError(
      `TT1004  TEMPORAL_CONFIG_FILE is ${file}, but that file does not exist.\n` +
        '        The SDK would have used localhost instead, so we stopped.\n' +
        `        ls -l ${dirname(file)}`,
    );
  }
  const { connectionOptions, namespace } = load(env);
  return {
    address: connectionOptions.address ?? 'localhost:7233',
    namedBy: namedBy(env, connectionOptions.address),
    namespace: namespace ?? 'default',
    connectionOptions,
  };
}

/** Whether the environment, or a profile that holds, says which server is meant. Silence means localhost. */
export function isNamed(env: NodeJS.ProcessEnv): boolean {
  const { connectionOptions } = readTemporalSettings(env);
  return connectionOptions.address !== undefined || Boolean(env['TEMPORAL_PROFILE']);
}

/** The server as the command line and the bridge reach it. */
export type Temporal = ReturnType<typeof createTemporalClient>;

/** A client that connects when it is first used. It loads nothing of a worker. */
export function createTemporalClient(env: NodeJS.ProcessEnv) {
  const { connectionOptions, namespace, address, namedBy } = readTemporalSettings(env);
  const connection = Connection.lazy({ ...connectionOptions, channelArgs: RECONNECT });
  const client = new Client({ connection, namespace });
  return { client, connection, namespace, address, namedBy };
}

// --- internal ---

function namedBy(env: NodeJS.ProcessEnv, address: string | undefined): string {
  if (env['TEMPORAL_ADDRESS']) return 'that of TEMPORAL_ADDRESS or --address';
  if (address === undefined) return 'the default (no TEMPORAL_ADDRESS, no profile)';
  return `that of profile ${env['TEMPORAL_PROFILE'] || 'default'}`;
}

/** @throws SettingsError where the profile that is named is none, or the file is not as it should be. */
function load(env: NodeJS.ProcessEnv) {
  const overrideEnvVars = toStrings(env);
  try {
    return loadClientConnectConfig({ overrideEnvVars });
  } catch (error) {
    // The SDK stumbles over a file that holds no profile at all, which says as much as no file.
    if (error instanceof TypeError && !env['TEMPORAL_PROFILE']) {
      return loadClientConnectConfig({ overrideEnvVars, disableFile: true });
    }
    const why =
      error instanceof Error && !(error instanceof TypeError)
        ? error.message
        : `there is no profile '${env['TEMPORAL_PROFILE']}'`;
    throw new SettingsError(
      `TT1005  Temporal's settings can't be used: ${why}.\n        temporal config list`,
    );
  }
}

/** A variable that is set to nothing is as good as unset, as in a copy of `.env.example`. */
function toStrings(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
}
