import { InvalidArgumentError, type Command } from 'commander';
import { shellWord } from '../../runtime/text-file';
import { flagsOf } from '../shared/flags';
import { withPlanFlags } from './plan-flags';
import { allowKind, RUNS_LONG, toCount, type Done } from '../shared/parsers';

const COLUMNS = `
Columns: phone_number, and where wanted key, agent_id, time_zone, not_before, expires_at, var.NAME.
Example:
  temporal-truedy batch run contacts.csv --agent YourAgentId --campaign spring --dry-run
  temporal-truedy batch run contacts.csv --agent YourAgentId --campaign spring --yes --out results.csv`;

export function addBatch(program: Command, done: Done): void {
  const batch = program.command('batch').description('many calls, from a file');
  const run = batch
    .command('run <file>')
    .description(
      'a call for each row of a CSV file; every row is checked before the first one rings',
    )
    .option('--agent <id>', 'the agent that talks, unless the row names one')
    .option('--from <number>', 'the number shown')
    .option('--input <file>', 'what all rows have in common, as JSON; flags and rows override it')
    .option('--campaign <name>', "begins every id, can be searched; by default the file's name");
  withPlanFlags(run)
    .option('--max-in-flight <count>', 'calls open at once; 50', toCount)
    .option('--rps <count>', 'starts per second, such as 5 or 0.5', toRate)
    .option('--out <file>', 'where results go, a line each as it comes; by default stdout')
    .option('--resume', 'go on with a batch that was begun')
    .addOption(allowKind())
    .option('--skip-invalid', 'leave out the rows with faults')
    .option('--dry-run', 'check every row, tell what would be started, and start nothing')
    .option('--yes', 'needed for more than 10 rows: they really ring')
    .addHelpText('after', `${COLUMNS}\n${RUNS_LONG}`)
    .action(async (file: string, _flags, ran: Command) => {
      const { batchRun } = await import('../batch/run.js');
      done(await batchRun(file, flagsOf(ran), resumeCommand(file, ran)));
    });
}

// --- internal ---

/** Told on stderr, which others may read: credentials and a number are for the person to fill in again. */
const NOT_REPEATED = ['apiKey', 'from', 'grpcMeta'];

/** The command that goes on with this batch, with the flags it was given. */
function resumeCommand(file: string, ran: Command): string {
  const words = [ran, ran.parent, ran.parent?.parent].flatMap((command) =>
    (command?.options ?? []).flatMap((option) => {
      const name = option.attributeName();
      if (command?.getOptionValueSource(name) !== 'cli' || name === 'resume') return [];
      const flag = option.long ?? option.flags;
      const value: unknown = command.getOptionValue(name);
      if (value === true) return [flag];
      if (NOT_REPEATED.includes(name)) return [flag, '…'];
      return [value].flat().flatMap((one) => [flag, shellWord(String(one))]);
    }),
  );
  return ['temporal-truedy batch run', shellWord(file), ...words, '--resume'].join(' ');
}

function toRate(text: string): number {
  const rate = /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (rate === 0) throw new InvalidArgumentError('It is not a number of starts per second.');
  return rate;
}
