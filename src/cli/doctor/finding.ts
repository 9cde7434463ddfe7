import { printable } from '../../call/text/characters';
import type { colorsFor } from '../shared/colors';

/** The result of one check. `skipped`: it could not run, usually because an earlier one failed. */
export type Mark = 'ok' | 'warning' | 'failure' | 'skipped';

/** What one check saw and how to fix it. */
export interface CheckResult {
  readonly mark: Mark;
  readonly seen: string;
  readonly fix?: readonly string[];
}
export interface Finding extends CheckResult {
  readonly check: string;
}

export const ok = (seen: string): CheckResult => ({ mark: 'ok', seen });
export const skipped = (seen: string): CheckResult => ({ mark: 'skipped', seen });
export const warning = (seen: string, ...fix: string[]): CheckResult => ({
  mark: 'warning',
  seen,
  fix,
});
export const failure = (seen: string, ...fix: string[]): CheckResult => ({
  mark: 'failure',
  seen,
  fix,
});

const SYMBOLS = { ok: '✓', warning: '!', failure: '✗', skipped: '!' } as const;
const NAME_WIDTH = 18;
const TEXT_WIDTH = 80 - NAME_WIDTH - 6;

/** Formats a finding for people, with its fix on the lines below. */
export function toLines(
  { check, mark, seen, fix = [] }: Finding,
  paint: ReturnType<typeof colorsFor>,
): string {
  const colors = { ok: paint.green, warning: paint.yellow, failure: paint.red, skipped: paint.dim };
  const [first = '', ...rest] = wrapped(printable(seen), TEXT_WIDTH);
  const indent = ' '.repeat(NAME_WIDTH + 6);
  return [
    `  ${colors[mark](SYMBOLS[mark])} ${check.padEnd(NAME_WIDTH)}  ${first}`,
    ...rest.map((line) => `${indent}${line}`),
    ...fix.map((line) => `${indent}${paint.cyan(`→ ${printable(line)}`)}`),
  ].join('\n');
}

// --- internal ---

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
