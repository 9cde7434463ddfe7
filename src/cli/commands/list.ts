import { Option, type Command } from 'commander';
import { example, type Run } from './action';
import { PHASES } from '../../call/phase';
import { OUTCOMES } from '../../call/outcome';
import { toMs } from '../shared/flags';
import { RepeatableOption, toPositive } from '../shared/parsers';

export function addListing(program: Command, run: Run): void {
  withFilter(program.command('list'))
    .description('List calls, newest first')
    .option('--limit <count>', 'Maximum number of calls to list. Default: 20.', toPositive)
    .addHelpText('after', example('list --outcome unknown --since 24h --campaign YourCampaign'))
    .action(run(async (flags) => (await import('../call/list.js')).list(flags)));
  withFilter(program.command('count'))
    .description('Count calls')
    .addOption(new Option('--by <field>', 'Count per value.').choices(['outcome', 'phase']))
    .addHelpText('after', example('count --by outcome --since 24h'))
    .action(run(async (flags) => (await import('../call/list.js')).count(flags)));
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
