import { Command, CommanderError, type Argument, type Option } from 'commander';
import type { KnownError } from '../runtime/process';
import { readFormat, withCommonFlags } from './shared/flags';
import { EXIT } from './shared/exit-codes';
import { note, printError } from './shared/output';
import { reportTo, type Run } from './commands/action';
import { addBatch } from './commands/batch';
import { addCommands } from './commands/commands';
import { addContact } from './commands/contact';
import { addDemo } from './commands/demo';
import { addEvents } from './commands/events';
import { addListing } from './commands/list';
import { addReading } from './commands/read';
import { addSetup } from './commands/setup';
import { addCheck, addStart } from './commands/start';
import { addUpdates } from './commands/update';
import { RepeatableOption } from './shared/parsers';
import { usageError } from './shared/usage-error';

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Runs the command line. The code of a command is loaded only when the command runs, so that `--help`
 * does not have to load the Temporal SDK.
 *
 * @returns The exit code.
 */
export async function runProgram(argv: readonly string[]): Promise<number> {
  const format = readFormat(argv);
  const isJson = format === 'json' || format === 'jsonl';
  let exit: number = EXIT.done;
  const program = createProgram(reportTo((code) => void (exit = code)));
  // Scripts get one JSON object, printed below, in place of commander's own text.
  if (isJson) forEach(program, (command) => command.configureOutput({ writeErr: () => undefined }));
  const timeLimit = limitOf(program);
  try {
    const ran = program.parseAsync([...argv], { from: 'user' });
    if ((await Promise.race([ran, timeLimit.over])) === 'over') {
      note('Time limit reached (--command-timeout). A call that was started continues.');
      return EXIT.timedOut;
    }
    return exit;
  } catch (error) {
    if (!(error instanceof CommanderError)) return printError(format, error);
    if (error.exitCode === 0) return EXIT.done;
    if (isJson) printError(format, toUsageError(error));
    return EXIT.usage;
  } finally {
    timeLimit.clear();
  }
}

// --- internal ---

const EPILOGUE = `
Run "temporal-truedy <command> --help" for the options of a command.

Environment:
  TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and TEMPORAL_PROFILE select the Temporal server.
  .env.example describes all other settings.

Exit codes:
  0    Success; the call was answered
  1    Bug; please report it
  2    Invalid command line or input
  3    Invalid settings, or a failed check
  4    Temporal is unreachable, or no worker is running
  5    Truedy refused the call
  6    The call ended without an answer
  7    The outcome is unknown: the phone may have rung
  8    Not dialed: expired, suppressed or outside the calling hours
  9    Rows of a batch failed
  124  Time limit reached
  130  Interrupted`;

function createProgram(run: Run): Command {
  const program = new Command('temporal-truedy')
    .description('Place durable AI phone calls: Truedy driven by Temporal')
    .exitOverride()
    .configureHelp({
      argumentDescription: withAcceptedValues,
      optionDescription: withAcceptedValues,
    })
    .helpCommand('help [command]', 'Show help for a command')
    .addHelpText('after', EPILOGUE);
  addStart(program, run);
  addCheck(program, run);
  addReading(program, run);
  addListing(program, run);
  addUpdates(program, run);
  addEvents(program, run);
  addBatch(program, run);
  addContact(program, run);
  addSetup(program, run);
  addDemo(program, run);
  addCommands(program);
  forEach(program, withCommonFlags);
  forEach(program, refuseRepeats);
  // Each command lists the common flags; here they would push the commands off the screen.
  for (const option of program.options) option.hideHelp();
  return program;
}

/** As `temporal` describes an option that takes one of a few values. */
function withAcceptedValues({ description, argChoices }: Option | Argument): string {
  if (argChoices === undefined) return description;
  return `${description} Accepted values: ${argChoices.join(', ')}.`;
}

/** Refuses a flag that is given twice: commander would use the last value without a warning. */
function refuseRepeats(command: Command): void {
  for (const option of command.options) {
    if (option instanceof RepeatableOption) continue;
    let times = 0;
    command.on(`option:${option.name()}`, () => {
      times += 1;
      if (times > 1) command.error(`error: ${option.long ?? option.flags} is given twice`);
    });
  }
}

/** Stops waiting for the command at `--command-timeout`. Does not cancel what the command started. */
function limitOf(program: Command) {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<'over'>((resolve) => {
    program.hook('preAction', (_, command) => {
      const { commandTimeout } = command.optsWithGlobals<{ commandTimeout?: number }>();
      if (commandTimeout === undefined) return;
      timer = setTimeout(() => resolve('over'), Math.min(commandTimeout, LONGEST_TIMER_MS));
    });
  });
  return { over, clear: () => clearTimeout(timer) };
}

function forEach(command: Command, act: (command: Command) => void): void {
  act(command);
  for (const child of command.commands) forEach(child, act);
}

function toUsageError({ code, message }: CommanderError): KnownError {
  const text = code === 'commander.help' ? 'A command is missing' : message.replace(/^error: /, '');
  return usageError(`TT3002  ${text}`, 'temporal truedy --help');
}
