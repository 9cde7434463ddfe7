import { isIP } from 'node:net';
import { z } from 'zod';
import { durationMs } from '../call/text/duration';
import { keysProblem } from '../codec/keys';
import { httpAddress, isSafeAddress, isThisMachine, urlProblem } from './addresses';
import {
  contactSettings,
  HAS_CONTACT_KEY,
  hasContactKey,
  optOutOutcomes,
} from './contact-settings';
import {
  BUILD_ID_MISSING,
  DEPLOYMENT_NAME_MISSING,
  deploymentShape,
  hasBuildId,
  hasDeploymentName,
} from './deployment-schema';
import { proxyProblem } from './proxy';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
const PRINTABLE_ASCII = /^[\x21-\x7e]*$/;

const port = z
  .string()
  .regex(/^\d{1,5}$/, { error: 'is not a valid port, such as 8787' })
  .transform(Number)
  .refine((number) => number <= 65_535, { error: 'is over 65535' });
const queue = z.string().regex(/^[\w.-]{1,200}$/, { error: 'is not a valid task queue name' });
const flag = z.enum(['0', '1'], { error: 'is neither 0 nor 1' }).default('0');

// An IP address only: the SDK's metrics exporter does not resolve host names.
const SOCKET = /^(?:(\d+\.\d+\.\d+\.\d+)|\[([\dA-Fa-f:.]+)\]):(\d{1,5})$/;
const socket = z.string().transform((text, context) => {
  const [, v4 = '', v6 = '', digits] = SOCKET.exec(text) ?? [];
  const isAddress = isIP(v4) === 4 || isIP(v6) === 6;
  const port = Number(digits);
  if (isAddress && port >= 1 && port <= 65_535) return { text, host: v4 || v6, port };
  const message = 'is not an IP address with a port from 1 to 65535, such as 127.0.0.1:9464';
  context.issues.push({ code: 'custom', message, input: text });
  return z.NEVER;
});

const encryption = z.object({
  TRUEDY_ENCRYPTION_KEYS: checked(keysProblem).optional(),
  TRUEDY_DATA_CONVERTER: z.string().optional(),
});
const ONE_CONVERTER = {
  path: ['TRUEDY_DATA_CONVERTER'],
  error: 'is set together with TRUEDY_ENCRYPTION_KEYS: set only one of them',
  when: always,
};

/** The settings of every client and worker that determine how payloads are encoded. */
export const encryptionSchema = encryption.refine(hasOneConverter, ONE_CONVERTER);

const shared = z.object({
  ...encryption.shape,
  LOG_LEVEL: z
    .enum(LOG_LEVELS, { error: `is not one of ${LOG_LEVELS.join(', ')}` })
    .default('info'),
  LOG_FORMAT: z.enum(['json', 'text'], { error: 'is neither json nor text' }).optional(),
  METRICS_ADDRESS: socket.optional(),
  HEALTH_HOST: z.string().min(1).default('127.0.0.1'),
  HEALTH_PORT: port.optional(),
});
export type SharedSettings = z.infer<typeof shared>;

export const workerSchema = shared
  .extend({
    TRUEDY_API_KEY: z
      .string({ error: 'is not set' })
      .min(1, { error: 'is empty' })
      .regex(PRINTABLE_ASCII, { error: 'contains whitespace or non-ASCII characters' })
      .refine((key) => key !== 'changeme', { error: 'is a placeholder, not a key' }),
    TRUEDY_BASE_URL: checked(urlProblem)
      .default('https://api.truedy.ai/api/public/v1')
      .transform((url) => url.replace(/\/+$/, '')),
    TRUEDY_ALLOW_HTTP: flag,
    TRUEDY_PROXY: checked(proxyProblem).optional(),
    TRUEDY_TASK_QUEUE: queue.default('truedy-calls'),
    TRUEDY_API_TASK_QUEUE: queue.default('truedy-api'),
    TRUEDY_REQUESTS_PER_MINUTE: numberUpTo(6_000).default(80),
    TRUEDY_MAX_CACHED_CALLS: numberUpTo(100_000)
      .int({ error: 'is not a whole number' })
      .default(300),
    TRUEDY_SEARCH_ATTRIBUTES: z
      .enum(['auto', 'on', 'off'], { error: 'is not one of auto, on, off' })
      .default('auto'),
    TRUEDY_TIME_SCALE: numberUpTo(1_000).default(1),
    TRUEDY_DIAL_CHECK_URL: z
      .string()
      .refine(isSafeAddress, { error: 'is neither https nor http on this machine' })
      .optional(),
    TRUEDY_DIAL_CHECK_KEY: z.string().min(16, { error: 'is under 16 characters' }).optional(),
    TRUEDY_DIAL_CHECK_NUMBER: flag,
    ...contactSettings.shape,
    TRUEDY_OPT_OUT_OUTCOMES: optOutOutcomes,
    ...deploymentShape,
  })
  .refine((settings) => !usesPlainHttpRemotely(settings), {
    path: ['TRUEDY_BASE_URL'],
    error: 'is http to another machine (set TRUEDY_ALLOW_HTTP=1 to allow it)',
    when: always,
  })
  .refine(({ TRUEDY_TIME_SCALE, ...settings }) => TRUEDY_TIME_SCALE === 1 || isLocal(settings), {
    path: ['TRUEDY_TIME_SCALE'],
    error: 'shortens waits, which is allowed only if TRUEDY_BASE_URL is on this machine',
    when: always,
  })
  .refine(hasContactKey, HAS_CONTACT_KEY)
  .refine(hasBuildId, BUILD_ID_MISSING)
  .refine(hasDeploymentName, DEPLOYMENT_NAME_MISSING)
  .refine(hasOneConverter, ONE_CONVERTER);

const secret = z
  .string({ error: 'contains a value that is not text' })
  .min(24, { error: 'contains a secret under 24 characters' })
  .regex(PRINTABLE_ASCII, { error: 'contains a secret with whitespace or non-ASCII characters' });

/** The secrets of a webhook endpoint, newest first. */
export const webhookSecretsSchema = z
  .array(secret, { error: 'is not a list' })
  .min(1, { error: 'is empty' })
  .max(3, { error: 'contains more than 3 secrets' })
  .refine((secrets) => new Set(secrets).size === secrets.length, {
    error: 'contains a secret twice',
  });

/** The secrets of the bridge, in one setting. */
export const webhookSecretsSetting = z.object({
  TRUEDY_WEBHOOK_SECRETS: z
    .string({ error: 'is not set' })
    .transform((list) => list.split(','))
    .pipe(webhookSecretsSchema),
});

/** The settings of the bridge. */
export const bridgeSchema = shared
  .extend({
    ...webhookSecretsSetting.shape,
    WEBHOOK_HOST: z.string().min(1).default('127.0.0.1'),
    WEBHOOK_PORT: port.default(8787),
    // Load balancers keep idle connections for 60 s. If the bridge closed first, a delivery in transit would be lost.
    WEBHOOK_KEEP_ALIVE: z
      .string()
      .refine(isKeepAlive, { error: 'is not a duration from 1s to 1h, such as 75s' })
      .default('75s'),
  })
  .refine(hasOneConverter, ONE_CONVERTER);

/** The settings of the codec server. */
export const codecSchema = shared
  .pick({ LOG_LEVEL: true, LOG_FORMAT: true, TRUEDY_ENCRYPTION_KEYS: true })
  .extend({
    CODEC_HOST: z.string().min(1).default('127.0.0.1'),
    CODEC_PORT: port.default(8089),
    // It is also a segment of a path.
    CODEC_TOKEN: z
      .string()
      .regex(/^[\w.~-]{16,}$/, {
        error: 'is not a token of at least 16 letters, digits or . _ ~ - (openssl rand -hex 24)',
      })
      .optional(),
    CODEC_ALLOW_ORIGIN: z
      .string()
      .transform((list) => list.split(','))
      .pipe(
        z.array(
          z.string().refine(isOrigin, { error: 'is not an origin, such as http://localhost:8233' }),
        ),
      )
      .optional(),
  })
  .refine((settings) => settings.CODEC_TOKEN !== undefined || isLoopback(settings), {
    path: ['CODEC_TOKEN'],
    error: 'is not set, which is allowed only if CODEC_HOST is 127.0.0.1, ::1 or localhost',
    when: always,
  });

/** Settings whose values are never shown. */
export const SECRET_SETTINGS: ReadonlySet<string> = new Set([
  'TRUEDY_API_KEY',
  'TRUEDY_WEBHOOK_SECRETS',
  'TRUEDY_DIAL_CHECK_KEY',
  'TRUEDY_CONTACT_KEY',
  // The URL of a proxy may contain a password.
  'TRUEDY_PROXY',
  'TRUEDY_ENCRYPTION_KEYS',
  'CODEC_TOKEN',
]);

// --- internal ---

/** A text that `problemOf` accepts, by returning no problem. */
function checked(problemOf: (text: string) => string | undefined) {
  return z.string().check((context) => {
    const message = problemOf(context.value);
    if (message !== undefined) {
      context.issues.push({ code: 'custom', message, input: context.value });
    }
  });
}

function numberUpTo(max: number) {
  return z.coerce
    .number({ error: 'is not a number' })
    .min(1, { error: 'is under 1' })
    .max(max, { error: `is over ${max}` });
}

function isKeepAlive(text: string): boolean {
  const ms = durationMs(text) ?? 0;
  return ms >= 1_000 && ms <= 3_600_000;
}

/** Makes a rule across settings run even if another setting is invalid, so that every problem is reported. */
function always(): boolean {
  return true;
}

// Evaluated even when other settings failed validation, hence `unknown`.
interface ApiSettings {
  readonly TRUEDY_BASE_URL?: unknown;
  readonly TRUEDY_ALLOW_HTTP?: unknown;
}

function isLocal({ TRUEDY_BASE_URL }: ApiSettings): boolean {
  return isThisMachine(String(TRUEDY_BASE_URL));
}

function usesPlainHttpRemotely(settings: ApiSettings): boolean {
  const isHttp = URL.parse(String(settings.TRUEDY_BASE_URL))?.protocol === 'http:';
  return isHttp && !isLocal(settings) && settings.TRUEDY_ALLOW_HTTP !== '1';
}

interface ConverterSettings {
  readonly TRUEDY_ENCRYPTION_KEYS?: unknown;
  readonly TRUEDY_DATA_CONVERTER?: unknown;
}

function hasOneConverter(settings: ConverterSettings): boolean {
  const { TRUEDY_ENCRYPTION_KEYS: keys, TRUEDY_DATA_CONVERTER: converter } = settings;
  return keys === undefined || converter === undefined;
}

function isLoopback({ CODEC_HOST }: { readonly CODEC_HOST?: unknown }): boolean {
  return isThisMachine(httpAddress(String(CODEC_HOST), 80));
}

function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === text;
}
