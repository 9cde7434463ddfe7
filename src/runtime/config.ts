import { isIP } from 'node:net';
import { z } from 'zod';
import { durationMs } from '../call/text/duration';
import { SettingsError, sourceOf } from './process';
import { problemOfProxy, proxySettingFor } from './proxy';

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

const port = z
  .string()
  .regex(/^\d{1,5}$/, { error: 'is no port, such as 8787' })
  .transform(Number)
  .refine((number) => number <= 65_535, { error: 'is over 65535' });
const queue = z.string().regex(/^[A-Za-z0-9._-]{1,200}$/, { error: 'is not a name for a queue' });

// The SDK's exporter takes no names of hosts.
const SOCKET = /^(?:(\d+\.\d+\.\d+\.\d+)|\[([\dA-Fa-f:.]+)\]):(\d{1,5})$/;
const socket = z.string().transform((text, context) => {
  const [, v4 = '', v6 = '', digits] = SOCKET.exec(text) ?? [];
  const isAddress = isIP(v4) === 4 || isIP(v6) === 6;
  const port = Number(digits);
  if (isAddress && port >= 1 && port <= 65_535) return { text, host: v4 || v6, port };
  const message = 'is no IP address with a port from 1 to 65535, such as 127.0.0.1:9464';
  context.issues.push({ code: 'custom', message, input: text });
  return z.NEVER;
});

const shared = z.object({
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `is none of ${LOG_LEVELS.join(', ')}` }).default('info'),
  LOG_FORMAT: z.enum(['json', 'text'], { error: 'is neither json nor text' }).optional(),
  METRICS_ADDRESS: socket.optional(),
  HEALTH_HOST: z.string().min(1).default('127.0.0.1'),
  HEALTH_PORT: port.optional(),
});

const workerSchema = shared
  .extend({
    TRUEDY_API_KEY: z
      .string({ error: 'is not set' })
      .min(1, { error: 'is empty' })
      .refine((key) => /^[\x21-\x7e]+$/.test(key), { error: 'holds blanks or other signs' })
      .refine((key) => key !== 'changeme', { error: 'is the example, not a key' }),
    TRUEDY_BASE_URL: z
      .string()
      .default('https://api.truedy.ai/api/public/v1')
      .check((context) => {
        const problem = problemOfUrl(context.value);
        if (problem !== undefined) {
          context.issues.push({ code: 'custom', message: problem, input: context.value });
        }
      })
      .transform((url) => url.replace(/\/+$/, '')),
    TRUEDY_ALLOW_HTTP: z.enum(['0', '1'], { error: 'is neither 0 nor 1' }).default('0'),
    TRUEDY_PROXY: z
      .string()
      .check((context) => {
        const problem = problemOfProxy(context.value);
        if (problem !== undefined) {
          context.issues.push({ code: 'custom', message: problem, input: context.value });
        }
      })
      .optional(),
    TRUEDY_TASK_QUEUE: queue.default('truedy-calls'),
    TRUEDY_API_TASK_QUEUE: queue.default('truedy-api'),
    TRUEDY_REQUESTS_PER_MINUTE: z.coerce
      .number({ error: 'is not a number' })
      .min(1, { error: 'is under 1' })
      .max(6_000, { error: 'is over 6000' })
      .default(80),
    TRUEDY_SEARCH_ATTRIBUTES: z
      .enum(['auto', 'on', 'off'], { error: 'is none of auto, on, off' })
      .default('auto'),
    TRUEDY_TIME_SCALE: z.coerce
      .number({ error: 'is not a number' })
      .min(1, { error: 'is under 1' })
      .max(1_000, { error: 'is over 1000' })
      .default(1),
    TRUEDY_DIAL_CHECK_URL: z
      .string()
      .refine(isSafeAddress, { error: 'is neither https nor http on this machine' })
      .optional(),
    TRUEDY_DIAL_CHECK_KEY: z.string().min(16, { error: 'is under 16 characters' }).optional(),
    TRUEDY_DIAL_CHECK_NUMBER: z.enum(['0', '1'], { error: 'is neither 0 nor 1' }).default('0'),
  })
  .refine((settings) => !isPlainHttpAbroad(settings), {
    path: ['TRUEDY_BASE_URL'],
    error: 'is http beyond this machine (TRUEDY_ALLOW_HTTP=1 allows it)',
    when: always,
  })
  .refine((settings) => !isShortenedAbroad(settings), {
    path: ['TRUEDY_TIME_SCALE'],
    error: 'shortens waits, and is only for a TRUEDY_BASE_URL on this machine',
    when: always,
  });

const bridgeSchema = shared.extend({
  TRUEDY_WEBHOOK_SECRETS: z
    .string({ error: 'is not set' })
    .transform((list) => list.split(','))
    .pipe(
      z
        .array(
          z
            .string()
            .min(24, { error: 'holds a secret of under 24 characters' })
            .regex(/^[\x21-\x7e]*$/, { error: 'holds a secret with blanks or other signs' }),
        )
        .min(1)
        .max(3, { error: 'holds over 3 secrets' })
        .refine((secrets) => new Set(secrets).size === secrets.length, {
          error: 'holds a secret twice',
        }),
    ),
  WEBHOOK_HOST: z.string().min(1).default('127.0.0.1'),
  WEBHOOK_PORT: port.default(8787),
  // Balancers keep idle connections for 60 s: closing first would lose the delivery that is just being sent.
  WEBHOOK_KEEP_ALIVE: z
    .string()
    .refine(isKeepAlive, { error: 'is not a duration from 1s to 1h, such as 75s' })
    .default('75s'),
});

/** The names of the settings, for the check of misspelt ones. */
const KNOWN_NAMES: ReadonlySet<string> = new Set([
  ...Object.keys(workerSchema.shape),
  ...Object.keys(bridgeSchema.shape),
  'TRUEDY_TEST_TEMPORAL_ADDRESS',
]);

/** @throws SettingsError which names every fault. */
export function readWorkerConfig(env: NodeJS.ProcessEnv) {
  const settings = parse(workerSchema, env);
  return {
    apiKey: settings.TRUEDY_API_KEY,
    baseUrl: settings.TRUEDY_BASE_URL,
    ...nameProxies(settings, env),
    taskQueue: settings.TRUEDY_TASK_QUEUE,
    apiTaskQueue: settings.TRUEDY_API_TASK_QUEUE,
    requestsPerMinute: settings.TRUEDY_REQUESTS_PER_MINUTE,
    searchAttributes: settings.TRUEDY_SEARCH_ATTRIBUTES,
    timeScale: settings.TRUEDY_TIME_SCALE,
    healthHost: settings.HEALTH_HOST,
    healthPort: settings.HEALTH_PORT,
    metricsAddress: settings.METRICS_ADDRESS,
    dialCheckUrl: settings.TRUEDY_DIAL_CHECK_URL,
    dialCheckKey: settings.TRUEDY_DIAL_CHECK_KEY,
    dialCheckTellsNumber: settings.TRUEDY_DIAL_CHECK_NUMBER === '1',
    logLevel: settings.LOG_LEVEL,
    ...(settings.LOG_FORMAT && { logFormat: settings.LOG_FORMAT }),
  };
}
export type WorkerConfig = ReturnType<typeof readWorkerConfig>;

/** @throws SettingsError which names every fault. */
export function readBridgeConfig(env: NodeJS.ProcessEnv) {
  const settings = parse(bridgeSchema, env);
  return {
    secrets: settings.TRUEDY_WEBHOOK_SECRETS,
    host: settings.WEBHOOK_HOST,
    port: settings.WEBHOOK_PORT,
    keepAliveMs: durationMs(settings.WEBHOOK_KEEP_ALIVE) ?? 0,
    healthHost: settings.HEALTH_HOST,
    healthPort: settings.HEALTH_PORT,
    metricsAddress: settings.METRICS_ADDRESS,
    logLevel: settings.LOG_LEVEL,
    ...(settings.LOG_FORMAT && { logFormat: settings.LOG_FORMAT }),
  };
}
export type BridgeConfig = ReturnType<typeof readBridgeConfig>;

/** The secrets of the webhook endpoint, newest first. @throws SettingsError */
export function readWebhookSecrets(env: NodeJS.ProcessEnv): readonly string[] {
  const secrets = bridgeSchema.pick({ TRUEDY_WEBHOOK_SECRETS: true });
  return parse(secrets, env).TRUEDY_WEBHOOK_SECRETS;
}

/** Whether what is told there stays private: over TLS, or on this machine. */
export function isSafeAddress(text: string): boolean {
  return URL.parse(text)?.protocol === 'https:' || isThisMachine(text);
}

/** Whether it is an http address of this machine. */
export function isThisMachine(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && LOOPBACK.has(url.hostname);
}

/** A line for each variable that looks like one of ours and is none: most likely misspelt. */
export function unknownSettings(env: NodeJS.ProcessEnv): readonly string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('TRUEDY_') && !KNOWN_NAMES.has(name))
    .map((name) => {
      const likely = [...KNOWN_NAMES].find((known) => isNear(name, known));
      const hint = likely === undefined ? '' : `; did you mean ${likely}?`;
      return `${name} is not a setting${hint}`;
    });
}

/** One variable, as a process would take it. */
export interface Setting {
  readonly name: string;
  /** As it is set, else its default; `undefined` where there is neither. May be a secret. */
  readonly value: string | undefined;
  readonly isSecret: boolean;
  /** `env`, `.env:LINE`, `default` or `not set`; of one that is set to nothing, too, where it has no default. */
  readonly source: string;
  readonly usedBy: readonly ProcessName[];
  /** Why a process would not start with it. */
  readonly faults: readonly string[];
}
type ProcessName = 'worker' | 'bridge';

const SECRETS: ReadonlySet<string> = new Set([
  'TRUEDY_API_KEY',
  'TRUEDY_WEBHOOK_SECRETS',
  'TRUEDY_DIAL_CHECK_KEY',
  // Its address can hold a password.
  'TRUEDY_PROXY',
]);

/** Every setting of worker and bridge, right or wrong. */
export function settingsOf(env: NodeJS.ProcessEnv): readonly Setting[] {
  const faultsOf = { worker: readFaults(workerSchema, env), bridge: readFaults(bridgeSchema, env) };
  const shape: Readonly<Record<string, z.ZodType>> = {
    ...workerSchema.shape,
    ...bridgeSchema.shape,
  };
  return Object.entries(shape).map(([name, schema]) => {
    const usedBy = PROCESSES.filter((process) => name in SHAPES[process]);
    const faults = usedBy.flatMap((process) => faultsOf[process].get(name) ?? []);
    const preset = schema.safeParse(undefined);
    const isPreset = preset.success && preset.data !== undefined;
    return {
      name,
      value: env[name] || (isPreset ? String(preset.data) : undefined),
      isSecret: SECRETS.has(name),
      source: isPreset && !env[name] ? 'default' : (sourceOf(env, name) ?? 'not set'),
      usedBy,
      faults: [...new Set(faults)],
    };
  });
}

/** The fault of settings that are wrong, each told with where it comes from and never with its value. */
export function wrongSettings(
  env: NodeJS.ProcessEnv,
  faults: ReadonlyMap<string, readonly string[]>,
): SettingsError {
  const told = [...faults].map(([name, problems]) => {
    const source = sourceOf(env, name);
    const words = [...new Set(problems)].map((problem) => `${name} ${problem}`).join(' · ');
    return source === undefined ? words : `${words} (from ${source})`;
  });
  const [count, is] = faults.size === 1 ? ['1 setting', 'is'] : [`${faults.size} settings`, 'are'];
  return new SettingsError(
    `TT2001  ${count} ${is} wrong: ${told.join(' · ')}\n        temporal truedy config show`,
  );
}

// --- internal ---

const SHAPES = { worker: workerSchema.shape, bridge: bridgeSchema.shape };
const PROCESSES = ['worker', 'bridge'] as const;

function parse<T>(schema: z.ZodType<T>, env: NodeJS.ProcessEnv): T {
  const read = schema.safeParse(withoutBlanks(env));
  if (read.success) return read.data;
  throw wrongSettings(env, readFaults(schema, env));
}

/** What is wrong with each setting. Messages are ours and name no value; zod's own may, so they are not shown. */
function readFaults(
  schema: z.ZodType,
  env: NodeJS.ProcessEnv,
): ReadonlyMap<string, readonly string[]> {
  const faults = new Map<string, string[]>();
  for (const issue of schema.safeParse(withoutBlanks(env)).error?.issues ?? []) {
    const name = String(issue.path[0]);
    const words = wordsOf(issue);
    const told = words === 'is not set' && env[name] === '' ? 'is empty' : words;
    faults.set(name, [...(faults.get(name) ?? []), told]);
  }
  return faults;
}

/** A variable that is set to nothing is as good as unset. */
function withoutBlanks(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
}

function wordsOf(issue: z.core.$ZodIssue): string {
  return /^(is|has|holds|shortens) /.test(issue.message) ? issue.message : 'is not in its range';
}

/** Rules across settings are looked at although another one is wrong: every fault is listed. */
function always(): boolean {
  return true;
}

// Looked at while other settings may still be wrong, so nothing is believed of their kind.
interface Addressed {
  readonly TRUEDY_BASE_URL?: unknown;
  readonly TRUEDY_ALLOW_HTTP?: unknown;
  readonly TRUEDY_TIME_SCALE?: unknown;
}

function isShortenedAbroad(settings: Addressed): boolean {
  return settings.TRUEDY_TIME_SCALE !== 1 && !isLoopback(settings);
}

function isLoopback({ TRUEDY_BASE_URL }: Addressed): boolean {
  const url = URL.parse(String(TRUEDY_BASE_URL));
  return url !== null && LOOPBACK.has(url.hostname);
}

function isPlainHttpAbroad(settings: Addressed): boolean {
  const url = URL.parse(String(settings.TRUEDY_BASE_URL));
  return url?.protocol === 'http:' && !isLoopback(settings) && settings.TRUEDY_ALLOW_HTTP !== '1';
}

function isKeepAlive(text: string): boolean {
  const ms = durationMs(text) ?? 0;
  return ms >= 1_000 && ms <= 3_600_000;
}

function problemOfUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null) return 'is no address';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'is neither https nor http';
  if (url.username !== '' || url.password !== '') return 'holds a user or password';
  return url.search !== '' || url.hash !== '' ? 'holds a query or fragment' : undefined;
}

/** The proxies of the requests that leave the worker. None is used for an address of this machine. */
function nameProxies(
  settings: {
    readonly TRUEDY_BASE_URL: string;
    readonly TRUEDY_DIAL_CHECK_URL?: string | undefined;
  },
  env: NodeJS.ProcessEnv,
): { readonly proxy?: URL; readonly dialCheckProxy?: URL } {
  const proxy = proxyTo(settings.TRUEDY_BASE_URL, env);
  const dialCheckProxy = proxyTo(settings.TRUEDY_DIAL_CHECK_URL, env);
  return { ...(proxy && { proxy }), ...(dialCheckProxy && { dialCheckProxy }) };
}

function proxyTo(address: string | undefined, env: NodeJS.ProcessEnv): URL | undefined {
  if (address === undefined || isThisMachine(address)) return undefined;
  const setting = proxySettingFor(new URL(address), env);
  if (setting === undefined) return undefined;
  const problem = problemOfProxy(setting.value);
  if (problem !== undefined) throw wrongSettings(env, new Map([[setting.name, [problem]]]));
  return new URL(setting.value);
}

/** Whether two names differ by little: one is the other with up to two signs changed, left out or added. */
function isNear(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 2) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  return Math.max(a.length, b.length) - start - end <= 2;
}
