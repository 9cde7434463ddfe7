import { types } from 'node:util';
import type { Logger as TemporalLogger, LogLevel, LogMetadata } from '@temporalio/common';
import pino, { type DestinationStream, type LogFn, type Logger } from 'pino';
import { maskNumbers } from './call/words';

export type { Logger } from 'pino';

/** JSON lines on stderr: stdout is for what a person or a script asked for. */
export function createLogger(
  options: { readonly name: string; readonly level: string },
  destination: DestinationStream = pino.destination({ dest: 2, sync: true }),
): Logger {
  return pino(
    {
      ...options,
      // Fields are named one by one where they are logged; this is the second net.
      hooks: {
        logMethod(args, method) {
          method.apply(this, masked(args));
        },
      },
    },
    destination,
  );
}

/** Temporal's logger, writing where ours writes. */
export function toTemporalLogger(logger: Logger): TemporalLogger {
  const log = (level: LogLevel, message: string, meta?: LogMetadata) =>
    logger[toPinoLevel(level)](meta ?? {}, maskNumbers(message));
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
]);
const MOST_LEVELS = 6;

function masked([first, message, ...rest]: Parameters<LogFn>): Parameters<LogFn> {
  const shown = mask(types.isNativeError(first) ? { error: first } : first, MOST_LEVELS);
  return message === undefined ? [shown] : [shown, maskNumbers(message), ...rest];
}

/** Numbers masked in every text, at any depth; errors told by class and message, since their stacks can hold anything. */
function mask(value: unknown, levels: number): unknown {
  if (typeof value === 'string') return maskNumbers(value);
  // Not `instanceof`: an error of a workflow comes from a world of its own.
  if (types.isNativeError(value)) return maskNumbers(`${value.name}: ${value.message}`);
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return '[deep]';
  if (Array.isArray(value)) return value.map((one) => mask(one, levels - 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      SECRET_NAMES.has(name) ? '[redacted]' : mask(inner, levels - 1),
    ]),
  );
}
