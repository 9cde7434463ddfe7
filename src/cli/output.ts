import { KnownError } from '../process';
import { EXIT } from './exits';

export const OUTPUT_FORMATS = ['text', 'json', 'jsonl', 'none'] as const;
/** How a verb speaks: `text` for people, `json` and `jsonl` for scripts, `none` for exits alone. */
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** What a person or script asked for: stdout, and nothing else goes there. */
export function tell(format: OutputFormat, value: unknown, text: string): void {
  switch (format) {
    case 'text':
      process.stdout.write(`${text}\n`);
      return;
    case 'json':
      process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
      return;
    case 'jsonl':
      process.stdout.write(`${JSON.stringify(value)}\n`);
      return;
    case 'none':
  }
}

/** One of many: a line each, in JSON too, so that a reader need not wait for the last one. */
export function tellNext(format: OutputFormat, value: unknown, text: string): void {
  tell(format === 'json' ? 'jsonl' : format, value, text);
}

/** Commentary: stderr. */
export function remark(text: string): void {
  process.stderr.write(`${text}\n`);
}

/**
 * Tells an error the way it was asked for. A bug of ours shows its stack.
 *
 * @returns The exit.
 */
export function tellError(format: OutputFormat, error: unknown): number {
  const isKnown = error instanceof KnownError;
  const exit = isKnown ? error.exitCode : EXIT.bug;
  if (format === 'json' || format === 'jsonl') {
    const message = error instanceof Error ? error.message : String(error);
    remark(JSON.stringify({ error: { ...partsOf(message), exit } }));
  } else if (isKnown) {
    remark(error.message);
  } else {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    remark(`This is a bug of temporal-truedy; please report it.\n${stack}`);
  }
  return exit;
}

// --- internal ---

/** What happened, why, and what to do: the first line, those between, and the last one. */
function partsOf(text: string) {
  const [head = '', ...rest] = text.split('\n').map((line) => line.trim());
  const [, code = 'TT0001', message = head] = /^(TT\d{4})\s+(.*)$/.exec(head) ?? [];
  const fix = rest.slice(-1);
  const cause = rest.slice(0, -1).join('\n');
  const docs = code === 'TT0001' ? 'CONTRIBUTING.md' : `docs/errors.md#${code.toLowerCase()}`;
  return { code, message, ...(cause !== '' && { cause }), fix, docs };
}
