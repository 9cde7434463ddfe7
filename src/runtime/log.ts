import { types } from 'node:util';
import type { Logger as TemporalLogger, LogLevel, LogMetadata } from '@temporalio/common';
import pino, { type DestinationStream, type LogFn, type Logger } from 'pino';
import { maskForeignNumbers, maskNumbers } from '../call/text/masking';
import { toTextLine } from './log-text';

export type { Logger } from 'pino';

/** How lines are written: one JSON object each, or as a person reads them. */
export type LogFormat = 'json' | 'text';

/**
 * Writes lines to stderr: stdout is for what a person or a script asked for.
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
      // Fields are named one by one where they are logged; this is the second net.
      hooks: {
        logMethod(args, method) {
          method.apply(this, masked(args));
        },
      },
    },
    format === 'text' ? inText(destination) : destination,
  );
}

/** Temporal's logger, writing where ours writes. */
export function toTemporalLogger(logger: Logger): TemporalLogger {
  const log = (level: LogLevel, message: string, meta?: LogMetadata) =>
    logger[isExpected(message) ? 'debug' : toPinoLevel(level)](meta ?? {}, message);
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

function inText(destination: DestinationStream): DestinationStream {
  return { write: (line) => destination.write(`${toTextLine(line)}\n`) };
}

/**
 * What the SDK says of every start and nobody needs: the report of the bundler, and that a worker has no
 * workflows or no Nexus services. Each of ours that needs workflows has them, or it would not start.
 */
function isExpected(message: string): boolean {
  return (
    /^webpack [\d.]+ compiled successfully/m.test(message) ||
    /^No (?:workflows|Nexus services) registered, not polling/.test(message)
  );
}

function toPinoLevel(level: LogLevel) {
  const levels = {
    TRACE: 'trace',
    DEBUG: 'debug',
    INFO: 'info',
    WARN: 'warn',
    ERROR: 'error',
  } as const;
  return levels[level];
}

const SECRET_NAMES: ReadonlySet<string> = new Set([
  'authorization',
  'apiKey',
  'phone_number',
  'phoneNumber',
  'secret',
  'secrets',
  'transcript',
  'variables',
  // Fields of the SDK that hold whole requests and results, some of them encoded.
  'args',
  'arguments',
  'details',
  'input',
  'payload',
  'payloads',
  'task',
  'taskEncoded',
]);
const MOST_LEVELS = 6;
/** An id, a path or an address; anything else can be a text that is not ours. */
const TOKEN = /^(?=.*[A-Za-z])[\w./:#@+=-]*$/;
/** V8 quotes the text that it could not parse. */
const QUOTED_JSON = /(?:\.{3})?"[^]*"(?:\.{3})? is not valid JSON/g;

function masked([first, message, ...rest]: Parameters<LogFn>): Parameters<LogFn> {
  const shown = mask(types.isNativeError(first) ? { error: first } : first, MOST_LEVELS);
  return message === undefined ? [shown] : [shown, maskText(message), ...rest];
}

/** Masks numbers in every text at any depth. Errors keep class and message alone: their stacks can hold anything. */
function mask(value: unknown, levels: number): unknown {
  if (typeof value === 'string') return maskText(value);
  // Not `instanceof`: an error of a workflow comes from a world of its own.
  if (types.isNativeError(value)) return maskText(`${value.name}: ${value.message}`);
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (levels === 0) return '[deep]';
  if (Array.isArray(value)) return value.map((one) => mask(one, levels - 1));
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
