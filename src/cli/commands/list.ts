import { Option, type Command } from 'commander';
import { PHASES } from '../../call/api-types';
import { OUTCOMES } from '../../call/outcome';
import { flagsOf, toMs } from '../shared/flags';
import { oneOf, toPositive, type Done } from '../shared/parsers';

export function addListing(program: Command, done: Done): void {
  withFilter(program.command('list'))
    .description('the calls that match, the newest first')
    .option('--limit <count>', 'at most so many; 20', toPositive)
    .addHelpText(
      'after',
      '\nExample:\n  temporal truedy list --outcome unknown --since 24h --campaign YourCampaign',
    )
    .action(async (_flags, command: Command) => {
      const { list } = await import('../call/list.js');
      done(await list(flagsOf(command)));
    });
  withFilter(program.command('count'))
    .description('how many calls match')
    .addOption(
      new Option('--by <what>', 'a count for each of its words').choices(['outcome', 'phase']),
    )
    .addHelpText('after', '\nExample:\n  temporal truedy count --by outcome --since 24h')
    .action(async (_flags, command: Command) => {
      const { count } = await import('../call/list.js');
      done(await count(flagsOf(command)));
    });
}

// --- internal ---

function withFilter(command: Command): Command {
  return command
    .addOption(
      new Option('--outcome <outcome>', 'ended so (repeatable)')
        .choices(OUTCOMES)
        .argParser(oneOf(OUTCOMES)),
    )
    .addOption(
      new Option('--phase <phase>', 'stands there (repeatable)')
        .choices(PHASES)
        .argParser(oneOf(PHASES)),
    )
    .option('--agent <id>', 'of this agent')
    .option('--campaign <name>', 'of this campaign')
    .option('--since <duration>', 'started within, such as 24h', toMs)
    .option('-q, --query <query>', "a condition in Temporal's own words");
}
