import { InvalidArgumentError, Option } from 'commander';

/** Takes the exit of a verb that has run. */
export type Done = (exit: number) => void;

/** `temporal` kills what it runs, without a word. */
export const RUNS_LONG =
  '\nRuns for long: start it as temporal-truedy, for under temporal truedy a Ctrl-C cuts it off.';

/** For a flag that may be given several times. */
export function collect(value: string, known: readonly string[] = []): readonly string[] {
  return [...known, value];
}

/** A whole number of up to four digits. */
export function toCount(value: string): number {
  if (!/^\d{1,4}$/.test(value)) throw new InvalidArgumentError('It is not a whole number.');
  return Number(value);
}

/** For a flag where none at all would make no sense. */
export function toPositive(value: string): number {
  const count = toCount(value);
  if (count === 0) throw new InvalidArgumentError('It is at least 1.');
  return count;
}

/** For a flag that takes one of a list's words and may be given several times. */
export function oneOf<T extends string>(words: readonly T[]) {
  return (value: string, known: readonly T[] = []): readonly T[] => {
    const word = words.find((one) => one === value);
    if (word === undefined) {
      throw new InvalidArgumentError(`Allowed choices are ${words.join(', ')}.`);
    }
    return [...known, word];
  };
}

export const SPECIAL_KINDS = ['premium', 'shared_cost', 'satellite'] as const;
/** Numbers that cost the caller far more than a usual call: they are called only where that is said. */
export type SpecialKind = (typeof SPECIAL_KINDS)[number];

export function allowKind(): Option {
  return new Option('--allow-kind <kind>', 'call such a number all the same (repeatable)')
    .choices(SPECIAL_KINDS)
    .argParser(oneOf(SPECIAL_KINDS));
}
