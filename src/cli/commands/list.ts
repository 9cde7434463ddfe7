import { Option, type Command } from 'commander';
import { PHASES } from '../../call/phase';
import { OUTCOMES } from '../../call/outcome';
import { flagsOf, toMs } from '../shared/flags';
import { RepeatableOption, toPositive, type Done } from '../shared/parsers';

export function addListing(program: Command, done: Done): void {
  withFilter(program.command('list'))
    .description('List calls, newest first')
    .option('--limit <count>', 'Maximum number of calls to list. Default: 20.', toPositive)
    .addHelpText(
      'after',
      '\nExample:\n  temporal truedy list --outcome unknown --since 24h --campaign YourCampaign',
    )
    .action(async (_flags, command: Command) => {
      const { list } = await import('../call/list.js');
      done(await list(flagsOf(command)));
    });
  withFilter(program.command('count'))
    .description('Count calls')
    .addOption(new Option('--by <field>', 'Count per value.').choices(['outcome', 'phase']))
    .addHelpText('after', '\nExample:\n  temporal truedy count --by outcome --since 24h')
    .action(async (_flags, command: Command) => {
      const { count } = await import('../call/list.js');
      done(await count(flagsOf(command)));
    });
}

// --- internal ---

function withFilter(command: Command): Command {
  return command
    .addOption(new RepeatableOption('--outcome <outcome>', 'Filter by outcome.', OUTCOMES))
    .addOption(new RepeatableOption('--phase <phase>', 'Filter by phase.', PHASES))
    .option('--agent <id>', 'Filter by agent.')
    .option('--campaign <name>', 'Filter by campaign.')
    .option('--since <duration>', 'Filter by start time, such as 24h for the last day.', toMs)
    .option('-q, --query <query>', 'Filter by a Temporal list filter.');
}
