import { types } from 'node:util';
import type { Logger as TemporalLogger, LogLevel, LogMetadata } from '@temporalio/common';
import pino, { type DestinationStream, type LogFn, type Logger } from 'pino';
import { maskForeignNumbers, maskNumbers } from '../call/text/masking';
import { toTextLine } from './log-text';

export type { Logger } from 'pino';

/** One JSON object per line, or text for people. */
export type LogFormat = 'json' | 'text';

/**
 * Creates a logger that writes to stderr. Stdout is reserved for the output of commands.
 *
 * @param options.format Default: text on a terminal, JSON elsewhere.
 */
export function createLogger(
  options: {
    readonly name: string;
    readonly level: string;
    readonly format?: LogFormat | undefined;
  },
  destination: DestinationStream = pino.destination({ dest: 2, sync: true }),
): Logger {
  const { name, level, format = process.stderr.isTTY ? 'text' : 'json' } = options;
  return pino(
    {
      name,
      level,
      // A second line of defense: each log call already selects its fields.
      hooks: {
        logMethod(args, method) {
          method.apply(this, masked(args));
        },
      },
    },
    format === 'text' ? asText(destination) : destination,
  );
}

/** Lets Temporal's SDK write to our log. */
export function toTemporalLogger(logger: Logger): TemporalLogger {
  const log = (level: LogLevel, message: string, meta?: LogMetadata) =>
    logger[isRoutine(message) ? 'debug' : LEVELS[level]](meta ?? {}, message);
  return {
    log,
    trace: (message, meta) => log('TRACE', message, meta),
    debug: (message, meta) => log('DEBUG', message, meta),
    info: (message, meta) => log('INFO', message, meta),
    warn: (message, meta) => log('WARN', message, meta),
    error: (message, meta) => log('ERROR', message, meta),
  };
}

// --- internal ---

function asText(destination: DestinationStream): DestinationStream {
  return { write: (line) => destination.write(`${toTextLine(line)}\n`) };
}

/**
 * Messages that the SDK logs at every start: the bundler's report, and that a worker has no workflows or no Nexus
 * services. A worker that lacks workflows it needs would not start.
 */
function isRoutine(message: string): boolean {
  return (
    /^webpack [\d.]+ compiled successfully/m.test(message) ||
    /^No (?:workflows|Nexus services) registered, not polling/.test(message)
  );
}

const LEVELS = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
} as const;

const SECRET_NAMES: ReadonlySet<string> = new Set([
  'authorization',
  'apiKey',
  'phone_number',
  'phoneNumber',
  'secret',
  'secrets',
  'transcript',
  'variables',
  // Fields of the SDK that contain whole requests and results, some of them encoded.
  'args',
  'arguments',
  'details',
  'input',
  'payload',
  'payloads',
  'task',
  'taskEncoded',
]);
const MAX_DEPTH = 6;
/** An id, a path or an address. Any other text may come from outside and is masked more strictly. */
const TOKEN = /^(?=.*[A-Za-z])[\w./:#@+=-]*$/;
/** V8 quotes the text it could not parse. */
const QUOTED_JSON = /(?:\.{3})?"[^]*"(?:\.{3})? is not valid JSON/g;

function masked([first, message, ...rest]: Parameters<LogFn>): Parameters<LogFn> {
  const fields = mask(types.isNativeError(first) ? { error: first } : first, MAX_DEPTH);
  return message === undefined ? [fields] : [fields, maskText(message), ...rest];
}

/** Masks phone numbers in every text. Errors are reduced to class and message, because a stack can contain anything. */
function mask(value: unknown, levels: number): unknown {
  if (typeof value === 'string') return maskText(value);
  // Not `instanceof`: a workflow's errors come from another V8 context.
  if (types.isNativeError(value)) return maskText(`${value.name}: ${value.message}`);
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (levels === 0) return '[deep]';
  if (Array.isArray(value)) return value.map((item) => mask(item, levels - 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      SECRET_NAMES.has(name) ? '[redacted]' : mask(inner, levels - 1),
    ]),
  );
}

function maskText(text: string): string {
  if (TOKEN.test(text)) return maskNumbers(text);
  return maskForeignNumbers(text.replace(QUOTED_JSON, '… is not valid JSON'));
}
