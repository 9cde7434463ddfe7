import type { z } from 'zod';
import type { ContactPolicy } from '../call/contact/policy';
import { durationMs } from '../call/text/duration';
import { isThisMachine } from './addresses';
import { contactSettings } from './contact-settings';
import { toDeployment } from './deployment-schema';
import { invalidSettings, parseSettings } from './parse-settings';
import { proxyProblem, proxySettingFor } from './proxy';
import {
  bridgeSchema,
  codecSchema,
  encryptionSchema,
  webhookSecretsSetting,
  workerSchema,
  type SharedSettings,
} from './settings-schema';

/** @throws SettingsError that lists every problem. */
export function readWorkerConfig(env: NodeJS.ProcessEnv) {
  const settings = parseSettings(workerSchema, env);
  const proxy = proxyFor(settings.TRUEDY_BASE_URL, env);
  const dialCheckProxy = proxyFor(settings.TRUEDY_DIAL_CHECK_URL, env);
  const deployment = toDeployment(settings);
  return {
    apiKey: settings.TRUEDY_API_KEY,
    baseUrl: settings.TRUEDY_BASE_URL,
    ...(proxy && { proxy }),
    ...(dialCheckProxy && { dialCheckProxy }),
    taskQueue: settings.TRUEDY_TASK_QUEUE,
    apiTaskQueue: settings.TRUEDY_API_TASK_QUEUE,
    requestsPerMinute: settings.TRUEDY_REQUESTS_PER_MINUTE,
    maxCachedCalls: settings.TRUEDY_MAX_CACHED_CALLS,
    searchAttributes: settings.TRUEDY_SEARCH_ATTRIBUTES,
    timeScale: settings.TRUEDY_TIME_SCALE,
    dialCheckUrl: settings.TRUEDY_DIAL_CHECK_URL,
    dialCheckKey: settings.TRUEDY_DIAL_CHECK_KEY,
    dialCheckSendsNumber: settings.TRUEDY_DIAL_CHECK_NUMBER === '1',
    ...contactConfig(settings),
    optOutOutcomes: settings.TRUEDY_OPT_OUT_OUTCOMES,
    ...(deployment && { deployment }),
    ...sharedConfig(settings),
  };
}
export type WorkerConfig = ReturnType<typeof readWorkerConfig>;

/** @throws SettingsError that lists every problem. */
export function readBridgeConfig(env: NodeJS.ProcessEnv) {
  const settings = parseSettings(bridgeSchema, env);
  return {
    secrets: settings.TRUEDY_WEBHOOK_SECRETS,
    host: settings.WEBHOOK_HOST,
    port: settings.WEBHOOK_PORT,
    keepAliveMs: durationMs(settings.WEBHOOK_KEEP_ALIVE) ?? 0,
    ...sharedConfig(settings),
  };
}
export type BridgeConfig = ReturnType<typeof readBridgeConfig>;

/** The secrets of the webhook endpoint, newest first. @throws SettingsError */
export function readWebhookSecrets(env: NodeJS.ProcessEnv): readonly string[] {
  return parseSettings(webhookSecretsSetting, env).TRUEDY_WEBHOOK_SECRETS;
}

/** The key of contact workflow ids. @throws SettingsError if it is missing or invalid. */
export function readContactKey(env: NodeJS.ProcessEnv): string {
  const { TRUEDY_CONTACT_KEY: key } = parseSettings(contactSettings, env);
  if (key !== undefined) return key;
  throw invalidSettings(env, new Map([['TRUEDY_CONTACT_KEY', ['is not set']]]));
}

/** The contact limits, as far as this process knows them. @throws SettingsError if they are invalid. */
export function readContactPolicy(env: NodeJS.ProcessEnv): ContactPolicy | undefined {
  return parseSettings(contactSettings, env).TRUEDY_CONTACT_POLICY;
}

/** How payloads are encoded. At most one of the two is set. @throws SettingsError */
export function readEncryptionConfig(env: NodeJS.ProcessEnv) {
  const settings = parseSettings(encryptionSchema, env);
  return { keys: settings.TRUEDY_ENCRYPTION_KEYS, converterPath: settings.TRUEDY_DATA_CONVERTER };
}

/** @throws SettingsError that lists every problem. */
export function readCodecConfig(env: NodeJS.ProcessEnv) {
  const settings = parseSettings(codecSchema, env);
  const { TRUEDY_ENCRYPTION_KEYS: keys, CODEC_TOKEN: token } = settings;
  if (keys === undefined) {
    throw invalidSettings(env, new Map([['TRUEDY_ENCRYPTION_KEYS', ['is not set']]]));
  }
  return {
    keys,
    host: settings.CODEC_HOST,
    port: settings.CODEC_PORT,
    ...(token !== undefined && { token }),
    allowOrigins: settings.CODEC_ALLOW_ORIGIN ?? [],
    logLevel: settings.LOG_LEVEL,
    ...(settings.LOG_FORMAT && { logFormat: settings.LOG_FORMAT }),
  };
}

// --- internal ---

/** Both are set, or none. */
function contactConfig({
  TRUEDY_CONTACT_POLICY: policy,
  TRUEDY_CONTACT_KEY: key,
}: z.infer<typeof workerSchema>) {
  return policy === undefined || key === undefined ? {} : { contacts: { policy, key } };
}

function sharedConfig(settings: SharedSettings) {
  return {
    healthHost: settings.HEALTH_HOST,
    healthPort: settings.HEALTH_PORT,
    metricsAddress: settings.METRICS_ADDRESS,
    logLevel: settings.LOG_LEVEL,
    ...(settings.LOG_FORMAT && { logFormat: settings.LOG_FORMAT }),
  };
}

/** The proxy for requests to a URL; never one for a URL of this machine. @throws SettingsError */
function proxyFor(address: string | undefined, env: NodeJS.ProcessEnv): URL | undefined {
  if (address === undefined || isThisMachine(address)) return undefined;
  const setting = proxySettingFor(new URL(address), env);
  if (setting === undefined) return undefined;
  const problem = proxyProblem(setting.value);
  if (problem !== undefined) throw invalidSettings(env, new Map([[setting.name, [problem]]]));
  return new URL(setting.value);
}
