import { InvalidArgumentError, type Command } from 'commander';
import { withCommonFlags } from './common-flags';

/** Takes the exit of a verb that has run. */
export type Done = (exit: number) => void;

/** `temporal` kills what it runs, without a word. */
export const RUNS_LONG =
  '\nRuns for long: start it as temporal-truedy, for under temporal truedy a Ctrl-C cuts it off.';

/** A verb below `program`, with the flags that every one has. */
export function verb(program: Command, name: string): Command {
  return withCommonFlags(program.command(name));
}

/** For a flag that may be given several times. */
export function collect(value: string, known: readonly string[] = []): readonly string[] {
  return [...known, value];
}

export function toCount(value: string): number {
  if (!/^\d{1,4}$/.test(value)) throw new InvalidArgumentError('It is not a whole number.');
  return Number(value);
}
