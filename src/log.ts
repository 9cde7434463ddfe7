import type { Logger as TemporalLogger, LogLevel, LogMetadata } from '@temporalio/common';
import pino, { type DestinationStream, type Logger } from 'pino';
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
      redact: ['*.authorization', '*.phone_number', '*.variables', '*.transcript', '*.secret'],
      formatters: { log: maskFields },
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

/** Numbers masked in every text, errors told by class and message: their stacks can hold anything. */
function maskFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, mask(value)]));
}

function mask(value: unknown): unknown {
  if (typeof value === 'string') return maskNumbers(value);
  if (value instanceof Error) return maskNumbers(`${value.name}: ${value.message}`);
  return value;
}
