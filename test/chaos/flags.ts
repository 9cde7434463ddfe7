import { Command, InvalidArgumentError } from 'commander';

export interface Flags {
  readonly calls: number;
  readonly seed: number;
  /** Absent: every call is for another person, without contact limits. */
  readonly people?: number;
  readonly json: boolean;
  readonly minutes: number;
}

const MAX_SEED = 2 ** 31 - 1;

/** @throws CommanderError after it printed the help, or the error of an invalid flag. */
export function readFlags(argv: readonly string[]): Flags {
  const program = new Command('npm run chaos --')
    .description(
      'Places random calls on real processes with faults, kills, freezes and updates, and checks every result.',
    )
    .requiredOption('--calls <n>', 'number of calls to start', whole(1, 1_000_000))
    .requiredOption(
      '--seed <s>',
      'seed of all random choices; the same seed draws the same calls and disasters',
      whole(0, MAX_SEED),
    )
    .option(
      '--people <p>',
      'call only this many people, with contact limits, and let some of them opt out',
      whole(1, 100_000),
    )
    .option('--json', 'print one JSON object on stdout, and everything else on stderr', false)
    .option(
      '--minutes <m>',
      'stop starting calls after this many minutes',
      whole(1, 100_000),
      Infinity,
    )
    .allowExcessArguments(false)
    .exitOverride()
    .addHelpText(
      'after',
      '\nExit codes: 0 every promise kept, 1 a promise broken, 2 usage error, 130 interrupted',
    );
  return program.parse([...argv], { from: 'user' }).opts<Flags>();
}

// --- internal ---

function whole(least: number, most: number) {
  return (text: string): number => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  };
}
