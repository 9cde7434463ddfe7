import { createLogger, type Logger } from '../../src/runtime/log';

/** Our logger, with its lines kept in memory. */
export function capturedLog(): { readonly log: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const log = createLogger(
    { name: 'test', level: 'debug' },
    { write: (line: string) => void lines.push(line) },
  );
  return { log, lines };
}
