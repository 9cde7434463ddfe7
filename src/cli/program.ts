import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { KnownError } from '../process';
import { flagsOf, readFormat, withCommonFlags } from './common-flags';
import { EXIT } from './exits';
import { remark, tellError } from './output';

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** `temporal` kills what it runs, without a word. */
const RUNS_LONG =
  '\nRuns for long: start it as temporal-truedy, for under temporal truedy a Ctrl-C cuts it off.';

/**
 * Runs the command line. Each verb's file is loaded when it runs: `--help` needs nothing of the SDK,
 * which takes longer to load than to read the help.
 *
 * @returns The exit.
 */
export async function runProgram(argv: readonly string[]): Promise<number> {
  const format = readFormat(argv);
  const isJson = format === 'json' || format === 'jsonl';
  let exit: number = EXIT.done;
  const program = createProgram((code) => {
    exit = code;
  });
  // What commander says of a mistake is told below, as the one JSON object that a script reads.
  if (isJson) forAll(program, (one) => one.configureOutput({ writeErr: () => undefined }));
  const timeLimit = limitOf(program);
  try {
    const ran = program.parseAsync([...argv], { from: 'user' });
    if ((await Promise.race([ran, timeLimit.over])) === 'over') {
      remark('The time limit is over (--command-timeout). A call that was started goes on.');
      return EXIT.timedOut;
    }
    return exit;
  } catch (error) {
    if (!(error instanceof CommanderError)) return tellError(format, error);
    if (error.exitCode === 0) return EXIT.done;
    if (isJson) tellError(format, toUsage(error));
    return EXIT.usage;
  } finally {
    timeLimit.clear();
  }
}

function createProgram(done: (exit: number) => void): Command {
  const program = new Command('temporal-truedy')
    .description('Durable outbound AI phone calls: Truedy driven by Temporal.')
    .exitOverride()
    .addHelpText(
      'after',
      '\nEnvironment: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_PROFILE and .env.example\nExits: 0 done or answered, 2 usage, 3 settings, 4 Temporal away, 5 refused, 6 ended otherwise, 7 unknown, 8 held back, 124 time limit',
    );
  withCommonFlags(program);
  addStart(program, done);
  addReading(program, done);
  addSteering(program, done);
  verb(program, 'demo')
    .description('three calls against a simulator: by webhook, by poll, over a killed worker')
    .option('--fast', 'leave after the summary; exit 1 if a count is off')
    .addOption(
      new Option('--scenario <name>', 'another story: a conversation that is redialled').choices([
        'redial',
      ]),
    )
    .option('--yes', 'use a server that is named and not on this machine')
    .addHelpText('after', RUNS_LONG)
    .action(async (_flags, command: Command) => {
      const { demo } = await import('./demo.js');
      done(await demo(flagsOf(command)));
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
    .option('--recording', 'record the call')
    .option('--no-recording', 'do not record it')
    .option('--transcription', 'write down what is said')
    .option('--no-transcription', 'do not write it down')
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
      done(await start(flagsOf(command)));
    });
}

function addReading(program: Command, done: (exit: number) => void): void {
  verb(program, 'result <id>')
    .description('wait for a call and tell its result')
    .action(async (id: string, _flags, command: Command) => {
      const { result } = await import('./result.js');
      done(await result(id, flagsOf(command)));
    });
  verb(program, 'watch <id>')
    .description('tell the phases of a call as they come')
    .addHelpText('after', RUNS_LONG)
    .action(async (id: string, _flags, command: Command) => {
      const { watch } = await import('./watch.js');
      done(await watch(id, flagsOf(command)));
    });
  verb(program, 'describe <id>')
    .description('tell where a call stands, and what can be done')
    .action(async (id: string, _flags, command: Command) => {
      const { describe } = await import('./watch.js');
      done(await describe(id, flagsOf(command)));
    });
}

function addSteering(program: Command, done: (exit: number) => void): void {
  verb(program, 'cancel <id>')
    .description('prevent the call, or follow a live one to its end')
    .action(async (id: string, _flags, command: Command) => {
      const { cancel } = await import('./steer.js');
      done(await cancel(id, flagsOf(command)));
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
      done(await steer(id, { step, ...wishOf(ran) }, flagsOf(ran)));
    });
  }
}

// --- internal ---

function verb(program: Command, name: string): Command {
  return withCommonFlags(program.command(name));
}

/** Ends the wait for a verb at `--command-timeout`. What it has begun is left where it is. */
function limitOf(program: Command) {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<'over'>((resolve) => {
    program.hook('preAction', (_, verb) => {
      const { commandTimeout } = verb.optsWithGlobals<{ commandTimeout?: number }>();
      if (commandTimeout === undefined) return;
      timer = setTimeout(() => resolve('over'), Math.min(commandTimeout, LONGEST_TIMER_MS));
    });
  });
  return { over, clear: () => clearTimeout(timer) };
}

function forAll(command: Command, act: (one: Command) => void): void {
  act(command);
  for (const one of command.commands) forAll(one, act);
}

function toUsage({ code, message }: CommanderError): KnownError {
  const text = code === 'commander.help' ? 'A verb is missing' : message.replace(/^error: /, '');
  return new KnownError(`TT3002  ${text}\n        temporal truedy --help`, EXIT.usage);
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
