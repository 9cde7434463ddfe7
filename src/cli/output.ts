import { KnownError } from '../process';

/** How a verb speaks: `text` for people, `json` for scripts, `none` for exits alone. */
export type OutputFormat = 'text' | 'json' | 'none';

/** What a person or script asked for: stdout, and nothing else goes there. */
export function tell(format: OutputFormat, value: unknown, text: string): void {
  if (format === 'none') return;
  process.stdout.write(`${format === 'json' ? JSON.stringify(value, null, 2) : text}\n`);
}

/** Commentary: stderr. */
export function remark(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Tells an error the way it was asked for, and returns the exit. A bug of ours shows its stack. */
export function tellError(format: OutputFormat, error: unknown): number {
  if (!(error instanceof KnownError)) {
    const stack = error instanceof Error ? error.stack : String(error);
    remark(`This is a bug of temporal-truedy; please report it.\n${stack ?? ''}`);
    return 1;
  }
  if (format === 'json') {
    const [head = '', ...fix] = error.message.split('\n').map((line) => line.trim());
    const [, code, message] = /^(TT\d{4})\s+(.*)$/.exec(head) ?? [undefined, 'TT0000', head];
    remark(JSON.stringify({ error: { code, message, fix, exit: error.exitCode } }));
  } else {
    remark(error.message);
  }
  return error.exitCode;
}
