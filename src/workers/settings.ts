import type { DataConverter } from '@temporalio/common';
import { readWorkerConfig, type WorkerConfig } from '../runtime/config';
import { settingProblems } from '../runtime/parse-settings';
import { wrongSettingsError } from '../runtime/process';
import { workerSchema } from '../runtime/settings-schema';
import { readDataConverter } from '../temporal/data-converter';

/** Settings of the workers. Each defaults to its environment variable, which docs/embed.md lists. */
export interface TruedySettings {
  /** The key of the Truedy account. Required, here or as `TRUEDY_API_KEY`. */
  readonly apiKey?: string | undefined;
  /** Default `https://api.truedy.ai/api/public/v1`. */
  readonly baseUrl?: string | undefined;
  /** Whether `baseUrl` may be http on another machine. Default false. */
  readonly allowHttp?: boolean | undefined;
  /** The proxy for requests to Truedy, as a URL. */
  readonly proxy?: string | undefined;
  /** The task queue of workflows. Default `truedy-calls`. */
  readonly taskQueue?: string | undefined;
  /** The task queue of all requests to Truedy. Default `truedy-api`. */
  readonly apiTaskQueue?: string | undefined;
  /** The rate of all processes together, 1 to 6,000. Default 80. */
  readonly requestsPerMinute?: number | undefined;
  /** How many calls each process keeps in memory between their events, 1 to 100,000. Default 300. */
  readonly maxCachedCalls?: number | undefined;
  /** Whether the namespace has our search attributes. Default `auto`: the workers ask the server at their start. */
  readonly searchAttributes?: 'auto' | 'on' | 'off' | undefined;
  /** Divides every wait, 1 to 1,000. For tests: refused unless `baseUrl` is on this machine. */
  readonly timeScale?: number | undefined;
  /** A service that is asked before every dial. */
  readonly dialCheckUrl?: string | undefined;
  /** The HMAC key of `numberHash` in requests to the dial check, at least 16 characters. Default: the API key. */
  readonly dialCheckKey?: string | undefined;
  /** Whether requests to the dial check contain the number itself. Default false. */
  readonly dialCheckNumber?: boolean | undefined;
  /**
   * How often one person may be called, as JSON: `{ "minGap": "4h", "perDay": 3, "perWeek": 7, "concurrent": 1,
   * "timeZone": "America/New_York" }`. Each field is optional. Default: no limits.
   */
  readonly contactPolicy?: string | undefined;
  /** The key of the hash that stands for a number in workflow IDs, at least 16 characters. Required with a policy. */
  readonly contactKey?: string | undefined;
  /**
   * Truedy's words for the outcome of a call that mean an opt-out, comma separated. An empty text: none. Default
   * `opted_out,do_not_call`.
   */
  readonly optOutOutcomes?: string | undefined;
  /**
   * Encrypts the data of calls: `id:base64 of 32 bytes`, comma separated, the first one writes. Also for your worker, if
   * it has no data converter. Each `Client` needs `createDataConverter({ keys })` of `temporal-truedy/codec`.
   */
  readonly encryptionKeys?: string | undefined;
  /** The deployment of the Truedy workers. Turns on Worker Versioning, together with `buildId`. Never that of your worker. */
  readonly deploymentName?: string | undefined;
  /** The build of the Truedy workers. */
  readonly buildId?: string | undefined;
  /** Whether open calls move to a new build, or end on the one that started them. Default `auto_upgrade`. */
  readonly versioningBehavior?: 'auto_upgrade' | 'pinned' | undefined;
}

/**
 * Completes the settings from the environment and validates them. Reads only our own variables and those that name a
 * proxy: others, such as `LOG_LEVEL`, belong to the program.
 *
 * @throws SettingsError that lists every problem, without values.
 */
export function readSettings(settings: TruedySettings, env: NodeJS.ProcessEnv): WorkerConfig {
  const values = valuesOf(settings, env);
  const problems = settingProblems(workerSchema, values);
  if (problems.size === 0) return readWorkerConfig(values);
  throw wrongSettingsError(
    [...problems].map(([name, texts]) => `${spelled(name)} ${[...new Set(texts)].join(', ')}`),
    'Pass these to TruedyPlugin or createWorkers, or set the variables: docs/embed.md',
  );
}

/**
 * The data converter by the settings: encryption keys, or the module of `TRUEDY_DATA_CONVERTER`. Otherwise `own`.
 *
 * @param own The converter of the user's worker.
 * @throws SettingsError if the settings are invalid, or name a converter beside `own`.
 */
export function readConverter(
  settings: TruedySettings,
  env: NodeJS.ProcessEnv,
  own?: DataConverter,
): DataConverter | undefined {
  const values = valuesOf(settings, env);
  const converter = readDataConverter(values);
  if (converter === undefined || own === undefined) return converter ?? own;
  const name = values['TRUEDY_DATA_CONVERTER'] ? 'TRUEDY_DATA_CONVERTER' : VARIABLES.encryptionKeys;
  throw wrongSettingsError(
    [`${spelled(name)} is set, and the worker has a data converter of its own`],
    'Remove one of them: docs/encryption.md',
  );
}

// --- internal ---

const VARIABLES = {
  apiKey: 'TRUEDY_API_KEY',
  baseUrl: 'TRUEDY_BASE_URL',
  allowHttp: 'TRUEDY_ALLOW_HTTP',
  proxy: 'TRUEDY_PROXY',
  taskQueue: 'TRUEDY_TASK_QUEUE',
  apiTaskQueue: 'TRUEDY_API_TASK_QUEUE',
  requestsPerMinute: 'TRUEDY_REQUESTS_PER_MINUTE',
  maxCachedCalls: 'TRUEDY_MAX_CACHED_CALLS',
  searchAttributes: 'TRUEDY_SEARCH_ATTRIBUTES',
  timeScale: 'TRUEDY_TIME_SCALE',
  dialCheckUrl: 'TRUEDY_DIAL_CHECK_URL',
  dialCheckKey: 'TRUEDY_DIAL_CHECK_KEY',
  dialCheckNumber: 'TRUEDY_DIAL_CHECK_NUMBER',
  contactPolicy: 'TRUEDY_CONTACT_POLICY',
  contactKey: 'TRUEDY_CONTACT_KEY',
  optOutOutcomes: 'TRUEDY_OPT_OUT_OUTCOMES',
  encryptionKeys: 'TRUEDY_ENCRYPTION_KEYS',
  deploymentName: 'TRUEDY_DEPLOYMENT_NAME',
  buildId: 'TRUEDY_BUILD_ID',
  versioningBehavior: 'TRUEDY_VERSIONING_BEHAVIOR',
} as const satisfies Record<keyof TruedySettings, string>;

function valuesOf(settings: TruedySettings, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = Object.keys(env).filter((name) => /^TRUEDY_|_PROXY$/i.test(name));
  return {
    ...Object.fromEntries(names.map((name) => [name, env[name]])),
    ...toVariables(settings),
  };
}

function toVariables(settings: TruedySettings): NodeJS.ProcessEnv {
  const given: Readonly<Record<string, unknown>> = { ...settings };
  return Object.fromEntries(
    Object.entries(VARIABLES)
      .filter(([option]) => given[option] !== undefined)
      .map(([option, name]) => [name, toText(given[option])]),
  );
}

function toText(value: unknown): string {
  return typeof value === 'boolean' ? String(Number(value)) : String(value);
}

function spelled(name: string): string {
  const [option] = Object.entries(VARIABLES).find(([, variable]) => variable === name) ?? [];
  return option === undefined ? name : `${option} (${name})`;
}
