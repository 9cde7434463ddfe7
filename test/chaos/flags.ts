import { Command, InvalidArgumentError } from 'commander';

export interface Flags {
  readonly calls: number;
  readonly seed: number;
  readonly json: boolean;
  readonly minutes: number;
}

const MOST_SEED = 2 ** 31 - 1;

/** @throws CommanderError where a flag is wrong, or the help was asked for; both have been told then. */
export function readFlags(argv: readonly string[]): Flags {
  const program = new Command('npm run chaos --')
    .description(
      'Attacks real processes with calls, faults, disasters and people, and judges what rang.',
    )
    .requiredOption('--calls <n>', 'how many calls to start', whole(1, 1_000_000))
    .requiredOption(
      '--seed <s>',
      'what is drawn: the same seed, the same calls and disasters',
      whole(0, MOST_SEED),
    )
    .option('--json', 'one JSON object on stdout, everything else on stderr', false)
    .option('--minutes <m>', 'start no call after so many minutes', whole(1, 100_000), Infinity)
    .allowExcessArguments(false)
    .exitOverride()
    .addHelpText('after', '\nExits: 0 every promise kept, 1 one broken, 2 usage, 130 interrupted');
  return program.parse([...argv], { from: 'user' }).opts<Flags>();
}

// --- internal ---

function whole(least: number, most: number) {
  return (text: string): number => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It is not a whole number from ${least} to ${most}.`);
  };
}
