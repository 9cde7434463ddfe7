import { printable } from '../../call/text/characters';
import { KnownError } from '../../runtime/process';
import type { colorsFor } from '../shared/colors';

/** How one check came out. `skipped`: it could not be made, most often for what another one found missing. */
export type Mark = 'ok' | 'warning' | 'failure' | 'skipped';

/** What one check saw, and what mends it: the command, on a line of its own. */
export interface Seen {
  readonly mark: Mark;
  readonly seen: string;
  readonly fix?: readonly string[];
}
export interface Finding extends Seen {
  readonly check: string;
}

export const ok = (seen: string): Seen => ({ mark: 'ok', seen });
export const skipped = (seen: string): Seen => ({ mark: 'skipped', seen });
export const warning = (seen: string, ...fix: string[]): Seen => ({ mark: 'warning', seen, fix });
export const failure = (seen: string, ...fix: string[]): Seen => ({ mark: 'failure', seen, fix });

/** Runs one check. What it throws is a finding like any other, so that no check hides another. */
export async function finding(check: string, look: () => Promise<Seen> | Seen): Promise<Finding> {
  try {
    return { check, ...(await look()) };
  } catch (error) {
    return { check, ...toFailure(error) };
  }
}

/** Runs a check that needs what an earlier one was to find, and skips it where that failed. */
export async function findingAfter<T>(
  check: string,
  [what, earlier]: readonly [what: string, earlier: Promise<T>],
  look: (found: T) => Promise<Seen> | Seen,
): Promise<Finding> {
  const found = await earlier.then(
    (value) => ({ value }),
    () => undefined,
  );
  if (found === undefined) return { check, ...skipped(`skipped: needs ${what}`) };
  return finding(check, () => look(found.value));
}

/** What several checks wait for, or none: its failure is told by the check that is about it. */
export function shared<T>(found: Promise<T>): Promise<T> {
  found.catch(() => undefined);
  return found;
}

const SIGNS = { ok: '✓', warning: '!', failure: '✗', skipped: '!' } as const;
const NAME_WIDTH = 18;
const TEXT_WIDTH = 80 - NAME_WIDTH - 6;

/** A finding for people: its line, and under it what mends it. */
export function toLines(
  { check, mark, seen, fix = [] }: Finding,
  paint: ReturnType<typeof colorsFor>,
): string {
  const colors = { ok: paint.green, warning: paint.yellow, failure: paint.red, skipped: paint.dim };
  const [first = '', ...rest] = wrapped(printable(seen), TEXT_WIDTH);
  const indent = ' '.repeat(NAME_WIDTH + 6);
  return [
    `  ${colors[mark](SIGNS[mark])} ${check.padEnd(NAME_WIDTH)}  ${first}`,
    ...rest.map((line) => `${indent}${line}`),
    ...fix.map((line) => `${indent}${paint.cyan(`→ ${printable(line)}`)}`),
  ].join('\n');
}

// --- internal ---

/** A known fault says what happened, why, and at its end what to do. */
function toFailure(error: unknown): Seen {
  const text = error instanceof Error ? error.message : String(error);
  if (!(error instanceof KnownError)) return failure(`could not be looked at: ${text}`);
  const [seen = '', ...fix] = text.split('\n').map((line) => line.trim());
  return failure(seen, ...fix);
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
