import { InvalidArgumentError, Option } from 'commander';

/** Text for the help: `temporal` sends its extensions SIGKILL on Ctrl-C. */
export const LONG_RUNNING =
  '\nThis command is long-running. Start it as "temporal-truedy":\n' +
  'under "temporal truedy", Ctrl-C kills it before it can clean up.';

/** A flag that can be given several times. Any other flag is an error the second time. */
export class RepeatableOption extends Option {
  constructor(flags: string, description: string, accepted?: readonly string[]) {
    super(flags, `${description} Can be passed multiple times.`);
    if (accepted !== undefined) this.choices(accepted).argParser(oneOf(accepted));
    else this.argParser(collect);
  }
}

/** The values of a repeatable flag, in order. */
export function collect(value: string, given: readonly string[] = []): readonly string[] {
  return [...given, value];
}

/** A whole number of up to four digits. */
export function toCount(value: string): number {
  if (!/^\d{1,4}$/.test(value)) throw new InvalidArgumentError('Expected a number up to 9999.');
  return Number(value);
}

export function toPositive(value: string): number {
  const count = toCount(value);
  if (count === 0) throw new InvalidArgumentError('Expected at least 1.');
  return count;
}

export const SPECIAL_KINDS = ['premium', 'shared_cost', 'satellite'] as const;
/** Kinds of numbers that cost far more than a usual call. They are dialed only if a flag allows it. */
export type SpecialKind = (typeof SPECIAL_KINDS)[number];

export function allowKind(): Option {
  return new RepeatableOption(
    '--allow-kind <kind>',
    'Allow calls to an expensive kind of number.',
    SPECIAL_KINDS,
  );
}

// --- internal ---

function oneOf(accepted: readonly string[]) {
  return (value: string, given?: readonly string[]): readonly string[] => {
    if (accepted.includes(value)) return collect(value, given);
    throw new InvalidArgumentError(`Accepted values: ${accepted.join(', ')}.`);
  };
}
