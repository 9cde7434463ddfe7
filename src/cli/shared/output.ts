import { printable } from '../../call/text/characters';
import { KnownError } from '../../runtime/process';
import { EXIT } from './exit-codes';

export const OUTPUT_FORMATS = ['text', 'json', 'jsonl', 'none'] as const;
/** How a verb speaks: `text` for people, `json` and `jsonl` for scripts, `none` for exits alone. */
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** Text with colors of ours. Whoever paints makes the text of others printable first. */
export interface Painted {
  readonly painted: string;
}

/**
 * What a person or script asked for: stdout, and nothing else goes there.
 *
 * Ids, labels and words of Truedy come from others, who could steer the terminal by them: whatever is not
 * `Painted` is made printable here.
 */
export function print(format: OutputFormat, value: unknown, text: string | Painted): void {
  switch (format) {
    case 'text':
      process.stdout.write(`${typeof text === 'string' ? printable(text) : text.painted}\n`);
      return;
    case 'json':
      process.stdout.write(`${toJson(value, 2)}\n`);
      return;
    case 'jsonl':
      process.stdout.write(`${toJson(value)}\n`);
      return;
    case 'none':
  }
}

/** One of many: a line each, in JSON too, so that a reader need not wait for the last one. */
export function printNext(format: OutputFormat, value: unknown, text: string | Painted): void {
  print(format === 'json' ? 'jsonl' : format, value, text);
}

/** Commentary: stderr. */
export function note(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}

/**
 * Tells an error the way it was asked for. A bug of ours shows its stack.
 *
 * @returns The exit.
 */
export function printError(format: OutputFormat, error: unknown): number {
  const isKnown = error instanceof KnownError;
  const exit = isKnown ? error.exitCode : EXIT.bug;
  if (format === 'json' || format === 'jsonl') {
    const message = error instanceof Error ? error.message : String(error);
    note(toJson({ error: { ...partsOf(message), exit } }));
  } else if (isKnown) {
    note(error.message);
  } else {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    note(`This is a bug of temporal-truedy; please report it.\n${stack}`);
  }
  return exit;
}

// --- internal ---

/** `JSON.stringify` escapes most control characters, and leaves those that a terminal also takes for such. */
function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** What happened, why, and what to do: the first line, those between, and the last one. */
function partsOf(text: string) {
  const [head = '', ...rest] = text.split('\n').map((line) => line.trim());
  const [, code = 'TT0001', message = head] = /^(TT\d{4})\s+(.*)$/.exec(head) ?? [];
  const fix = rest.slice(-1);
  const cause = rest.slice(0, -1).join('\n');
  const docs = code === 'TT0001' ? 'CONTRIBUTING.md' : `docs/errors.md#${code.toLowerCase()}`;
  return { code, message, ...(cause !== '' && { cause }), fix, docs };
}
