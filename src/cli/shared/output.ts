import { printable } from '../../call/text/characters';
import { spanText } from '../../call/text/duration';
import { KnownError } from '../../runtime/process';
import { EXIT } from './exit-codes';

export const OUTPUT_FORMATS = ['text', 'json', 'jsonl', 'none'] as const;
/** `text` is for people, `json` and `jsonl` for scripts, `none` for the exit code alone. */
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

export const TIME_FORMATS = ['iso', 'raw', 'relative'] as const;
/** How to print times: as they are, or relative to now. */
export type TimeFormat = (typeof TIME_FORMATS)[number];

/** Text with color codes. Its author has escaped foreign text with `printable`. */
export interface Painted {
  readonly painted: string;
}

/**
 * Prints the output of a command to stdout, where nothing else goes.
 *
 * Escapes control characters unless the text is `Painted`: IDs, labels and Truedy's texts come from others,
 * who could control the terminal by them.
 */
export function print(format: OutputFormat, value: unknown, text: string | Painted): void {
  if (format === 'none') return;
  const shown = typeof text === 'string' ? printable(text) : text.painted;
  const json = () => toJson(value, format === 'json' ? 2 : undefined);
  process.stdout.write(`${format === 'text' ? shown : json()}\n`);
}

/** Prints one of many values, as one line in JSON too, so that a reader can process it immediately. */
export function printNext(format: OutputFormat, value: unknown, text: string | Painted): void {
  print(format === 'json' ? 'jsonl' : format, value, text);
}

export function timeText(instant: string, format: TimeFormat): string {
  if (format !== 'relative') return instant;
  const distanceMs = Date.parse(instant) - Date.now();
  return distanceMs > 0 ? `in ${spanText(distanceMs)}` : `${spanText(-distanceMs)} ago`;
}

/** Prints a message to stderr. */
export function note(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}

/**
 * Prints an error to stderr in the given format. An unexpected error shows its stack.
 *
 * @returns The exit code.
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

/** Also escapes the control characters that `JSON.stringify` leaves and a terminal obeys. */
function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The first line says what happened, the last one how to fix it, and those between why. */
function partsOf(text: string) {
  const [head = '', ...rest] = text.split('\n').map((line) => line.trim());
  const [, code = 'TT0001', message = head] = /^(TT\d{4})\s+(.*)$/.exec(head) ?? [];
  const fix = rest.slice(-1);
  const cause = rest.slice(0, -1).join('\n');
  const docs = code === 'TT0001' ? 'CONTRIBUTING.md' : `docs/errors.md#${code.toLowerCase()}`;
  return { code, message, ...(cause !== '' && { cause }), fix, docs };
}
