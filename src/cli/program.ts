import { Command, CommanderError } from 'commander';
import { KnownError } from '../runtime/process';
import { readFormat, withCommonFlags } from './shared/flags';
import { EXIT } from './shared/exit-codes';
import { note, printError } from './shared/output';
import { addBatch } from './commands/batch';
import { addCommands } from './commands/commands';
import { addDemo } from './commands/demo';
import { addEvents } from './commands/events';
import { addListing } from './commands/list';
import { addReading } from './commands/read';
import { addSetup } from './commands/setup';
import { addCheck, addStart } from './commands/start';
import { addSteering } from './commands/update';
import type { Done } from './shared/parsers';

const LONGEST_TIMER_MS = 2 ** 31 - 1;

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
      note('The time limit is over (--command-timeout). A call that was started goes on.');
      return EXIT.timedOut;
    }
    return exit;
  } catch (error) {
    if (!(error instanceof CommanderError)) return printError(format, error);
    if (error.exitCode === 0) return EXIT.done;
    if (isJson) printError(format, toUsage(error));
    return EXIT.usage;
  } finally {
    timeLimit.clear();
  }
}

function createProgram(done: Done): Command {
  const program = new Command('temporal-truedy')
    .description('Durable outbound AI phone calls: Truedy driven by Temporal.')
    .exitOverride()
    .addHelpText(
      'after',
      '\nFlags of every verb, and those to reach Temporal: temporal-truedy list --help\nEnvironment: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_PROFILE and .env.example\nExits: 0 done or answered, 2 usage, 3 settings, 4 Temporal away, 5 refused, 6 ended otherwise, 7 unknown, 8 held back, 9 rows of a batch failed, 124 time limit, 130 interrupted',
    );
  addStart(program, done);
  addCheck(program, done);
  addReading(program, done);
  addListing(program, done);
  addSteering(program, done);
  addEvents(program, done);
  addBatch(program, done);
  addSetup(program, done);
  addDemo(program, done);
  addCommands(program);
  forAll(program, withCommonFlags);
  forAll(program, refuseRepeats);
  // Taken in front of a verb, and told with each verb: here they would push the verbs off the screen.
  for (const option of program.options) option.hideHelp();
  return program;
}

// --- internal ---

/** A flag that is given twice means two things; the last one would win in silence. */
function refuseRepeats(command: Command): void {
  for (const option of command.options) {
    if (option.description.includes('(repeatable)')) continue;
    let times = 0;
    command.on(`option:${option.name()}`, () => {
      times += 1;
      if (times > 1) command.error(`error: ${option.long ?? option.flags} is given twice`);
    });
  }
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
