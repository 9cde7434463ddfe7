import type { Command } from 'commander';
import { flagsOf } from '../shared/flags';
import { withPlanFlags } from './plan-flags';
import { allowKind, collect, type Done } from '../shared/parsers';

export function addStart(program: Command, done: Done): void {
  const command = program
    .command('start')
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
    .option('--settle <duration>', 'how long a lost answer settles, such as 330s');
  withPlanFlags(command)
    .option('--label <name=value>', 'ours alone; campaign can be searched (repeatable)', collect)
    .addOption(allowKind())
    .option('--dry-run', 'tell what would be sent, and start nothing')
    .option('--wait', 'wait for the result')
    .option('--transcript', 'with --wait: tell what was said, too')
    .addHelpText(
      'after',
      '\nExample:\n  temporal truedy start --to +14155550101 --agent YourAgentId --key order-4711 --wait',
    )
    .action(async (_flags, ran: Command) => {
      const { start } = await import('../call/start.js');
      done(await start(flagsOf(ran)));
    });
}

export function addCheck(program: Command, done: Done): void {
  program
    .command('check <number>')
    .description('whether a number may be called now, and when next; asks nobody')
    .option('--window <from-to>', 'calling hours there, such as 09:00-18:00')
    .option('--days <days>', 'such as 1-5; 1 is Monday')
    .option('--time-zone <zone>', 'where the person is; else every zone of the country')
    .addOption(allowKind())
    .addHelpText(
      'after',
      '\nExample:\n  temporal truedy check +14155550101 --window 09:00-18:00 --days 1-5',
    )
    .action(async (number: string, _flags, command: Command) => {
      const { check } = await import('../call/check.js');
      done(await check(number, flagsOf(command)));
    });
}
