import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { OutputFormat } from './output';
import { tellError } from './output';

/**
 * The command tree. Each verb's file is loaded when it runs: `--help` needs nothing of the SDK, which
 * takes longer to load than to read the help.
 *
 * @returns The exit.
 */
export async function runProgram(argv: readonly string[]): Promise<number> {
  let exit = 0;
  const program = createProgram((code) => {
    exit = code;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return tellError(readFormat(argv), error);
  }
}

function createProgram(done: (exit: number) => void): Command {
  const program = new Command('temporal-truedy')
    .description('Durable outbound AI phone calls: Truedy driven by Temporal.')
    .exitOverride()
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      '\nEnvironment: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_PROFILE and .env.example\nExits: 0 done or answered, 2 usage, 3 settings, 4 Temporal away, 5 refused, 6 ended otherwise, 7 unknown, 8 held back',
    );
  // `temporal` puts its common flags in front of our verb.
  shared(program);
  addStart(program, done);
  addReading(program, done);
  addSteering(program, done);
  verb(program, 'demo')
    .description('three calls against a simulator: by webhook, by poll, over a killed worker')
    .option('--fast', 'leave after the summary; exit 1 if a count is off')
    .action(async (_flags, command: Command) => {
      const { demo } = await import('./demo.js');
      done(await demo({ fast: command.opts()['fast'] === true }));
    });
  return program;
}

function addStart(program: Command, done: (exit: number) => void): void {
  verb(program, 'start')
    .description('start one call; the same key twice is one call')
    .option('--to <number>', 'E.164, such as +14155550101')
    .option('--agent <id>', 'the agent that talks')
    .option('--from <number>', 'the number shown')
    .option('--var <name=value>', 'a variable of the prompt (repeatable)', collect)
    .option('--vars-file <file>', 'variables as a JSON object')
    .option('--greeting <text>', 'the opening line')
    .option('--max-duration <seconds>', 'such as 1800s')
    .option('--join-timeout <seconds>', 'such as 30s')
    .option('--key <key>', 'the identity of the call; the workflow id is call/<key>')
    .option('--input <file>', 'the whole input as JSON; flags override it')
    .option('--completion <mode>', 'webhook or poll')
    .option('--grace <duration>', 'silence before polling, such as 5m')
    .option('--poll-every <duration>', 'such as 30s')
    .option('--artifacts <duration>', 'wait for transcript and summary, such as 2m')
    .option('--settle <duration>', 'how long a lost answer settles, such as 330s')
    .option('--max-attempts <count>', '1 to 20', toCount)
    .option('--redial <outcome=delays>', 'such as no_answer=30m,2h (repeatable)', collect)
    .option('--window <from-to>', 'calling hours there, such as 09:00-18:00')
    .option('--days <days>', 'such as 1-5; 1 is Monday')
    .option('--time-zone <zone>', 'IANA name, such as America/New_York')
    .option('--not-before <time>', 'ISO 8601 with an offset')
    .option('--expires-at <time>', 'ISO 8601 with an offset')
    .option('--label <name=value>', 'ours alone; campaign can be searched (repeatable)', collect)
    .option('--dry-run', 'tell what would be sent, and start nothing')
    .option('--wait', 'wait for the result')
    .addHelpText(
      'after',
      '\nExample:\n  temporal truedy start --to +14155550101 --agent YourAgentId --key order-4711 --wait',
    )
    .action(async (_flags, command: Command) => {
      const { start } = await import('./start.js');
      done(await start({ ...command.optsWithGlobals(), output: formatOf(command) }));
    });
}

function addReading(program: Command, done: (exit: number) => void): void {
  verb(program, 'result <id>')
    .description('wait for a call and tell its result')
    .action(async (id: string, _flags, command: Command) => {
      const { result } = await import('./result.js');
      done(await result(id, { ...command.optsWithGlobals(), output: formatOf(command) }));
    });
  verb(program, 'watch <id>')
    .description('tell the phases of a call as they come')
    .action(async (id: string, _flags, command: Command) => {
      const { watch } = await import('./watch.js');
      done(await watch(id, { ...command.optsWithGlobals(), output: formatOf(command) }));
    });
  verb(program, 'describe <id>')
    .description('tell where a call stands, and what can be done')
    .action(async (id: string, _flags, command: Command) => {
      const { describe } = await import('./watch.js');
      done(await describe(id, { ...command.optsWithGlobals(), output: formatOf(command) }));
    });
}

function addSteering(program: Command, done: (exit: number) => void): void {
  verb(program, 'cancel <id>')
    .description('prevent the call, or follow a live one to its end')
    .action(async (id: string, _flags, command: Command) => {
      const { cancel } = await import('./steer.js');
      done(await cancel(id, { ...command.optsWithGlobals(), output: formatOf(command) }));
    });
  const steps = [
    ['redial-now <id>', 'redialNow', 'end the present wait'],
    ['reschedule <id>', 'reschedule', 'move the present wait'],
    ['stop <id>', 'stop', 'no further attempt; a live call runs to its end'],
    ['resolve <id>', 'resolve', 'say what became of an unclear call'],
  ] as const;
  for (const [name, step, description] of steps) {
    const command = verb(program, name).description(description);
    if (step === 'reschedule') {
      command
        .option('--not-before <time>', 'ISO 8601 with an offset')
        .option('--expires-at <time>', 'ISO 8601 with an offset');
    }
    if (step === 'stop' || step === 'resolve') command.option('--reason <text>', 'for the record');
    if (step === 'resolve') {
      command
        .option('--dialled', 'the phone was dialled, as this call:')
        .option('--call-id <id>', "Truedy's id of it")
        .option('--not-dialled', 'no phone was dialled');
    }
    command.action(async (id: string, _flags, ran: Command) => {
      const { steer } = await import('./steer.js');
      const flags = { ...ran.optsWithGlobals(), output: formatOf(ran) };
      done(await steer(id, { step, ...wishOf(ran) }, flags));
    });
  }
}

// --- internal ---

function verb(program: Command, name: string): Command {
  return shared(program.command(name)).exitOverride();
}

/** The flags that mean the same as those of the `temporal` command, in front of a verb and behind it. */
function shared(command: Command): Command {
  return command
    .addOption(
      new Option('-o, --output <format>', 'how to tell it').choices(['text', 'json', 'none']),
    )
    .option('--address <host:port>', 'Temporal, as TEMPORAL_ADDRESS')
    .option('-n, --namespace <name>', 'as TEMPORAL_NAMESPACE')
    .option('--profile <name>', 'a profile of temporal.toml');
}

function formatOf(command: Command): OutputFormat {
  const { output } = command.optsWithGlobals<{ output?: OutputFormat }>();
  return output ?? 'text';
}

function readFormat(argv: readonly string[]): OutputFormat {
  const at = argv.findIndex((word) => word === '-o' || word === '--output');
  return argv[at + 1] === 'json' || argv.includes('--output=json') ? 'json' : 'text';
}

function wishOf(command: Command): Readonly<Record<string, string | boolean>> {
  const { notDialled, ...flags } = command.opts<Record<string, string | boolean>>();
  const wished = ['notBefore', 'expiresAt', 'reason', 'callId', 'dialled'];
  const given = Object.entries(flags).filter(([name]) => wished.includes(name));
  return { ...Object.fromEntries(given), ...(notDialled === true && { dialled: false }) };
}

function collect(value: string, known: readonly string[] = []): readonly string[] {
  return [...known, value];
}

function toCount(value: string): number {
  if (!/^\d{1,4}$/.test(value)) throw new InvalidArgumentError('It is not a whole number.');
  return Number(value);
}
