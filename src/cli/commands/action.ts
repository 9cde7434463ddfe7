import type { Command } from 'commander';
import { flagsOf } from '../shared/flags';

/** The action of a command: runs `act` with its flags and arguments, and reports the exit code. */
export type Run = ReturnType<typeof reportTo>;

/** @param done Receives the exit code of a command that has run. */
export function reportTo(done: (exit: number) => void) {
  return <Words extends readonly unknown[]>(
    act: (flags: ReturnType<typeof flagsOf>, ...words: Words) => Promise<number> | number,
  ) =>
    async function (this: Command, ...words: Words): Promise<void> {
      done(await act(flagsOf(this), ...words));
    };
}

/** An example for the help of a command. */
export function example(words: string): string {
  return `\nExample:\n  temporal truedy ${words}`;
}
