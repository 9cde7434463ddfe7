import { InvalidArgumentError, type Command } from 'commander';
import type { Run } from './action';
import { shellWord } from '../../runtime/text-file';
import { withPlanFlags } from './plan-flags';
import { allowKind, LONG_RUNNING, toCount } from '../shared/parsers';

const COLUMNS = `
Columns: phone_number; optional: key, agent_id, time_zone, not_before, expires_at, var.NAME.

Examples:
  temporal-truedy batch run contacts.csv --agent YourAgentId --campaign spring --dry-run
  temporal-truedy batch run contacts.csv --agent YourAgentId --campaign spring --yes --out results.csv`;

export function addBatch(program: Command, run: Run): void {
  const batch = program.command('batch').description('Start many calls from a file');
  const command = batch
    .command('run <file>')
    .description('Start one call per row of a CSV file, after checking every row')
    .option('--agent <id>', 'Truedy agent that makes the calls, unless a row names one.')
    .option('--from <number>', 'Phone number to show to the recipients, in E.164 format.')
    .option(
      '--input <file>',
      'JSON file with the common workflow input. Flags and rows override it.',
    )
    .option('--campaign <name>', 'Name of the batch, part of every ID. Default: the file name.');
  withPlanFlags(command)
    .option('--max-in-flight <count>', 'Maximum number of open calls. Default: 50.', toCount)
    .option(
      '--rps <count>',
      'Maximum starts per second, such as 5 or 0.5. Default: no limit.',
      toRate,
    )
    .option('--out <file>', 'File to write results to, one line per call. Default: stdout.')
    .option('--resume', 'Continue a batch that was started before.')
    .addOption(allowKind())
    .option('--skip-invalid', 'Skip rows that have errors.')
    .option('--dry-run', 'Check every row and print the plan, without starting a call.')
    .option('--yes', 'Confirm a batch of more than 10 rows. Their phones really ring.')
    .addHelpText('after', `${COLUMNS}\n${LONG_RUNNING}`)
    .action(
      run(async (flags, file: string, _, ran: Command) =>
        (await import('../batch/run.js')).batchRun(file, flags, resumeCommand(file, ran)),
      ),
    );
}

// --- internal ---

/** Not printed: logs may keep stderr. The user fills in credentials and the number again. */
const NOT_PRINTED = ['apiKey', 'from', 'grpcMeta'];

/** The command that resumes this batch, with the same flags. */
function resumeCommand(file: string, ran: Command): string {
  const words = [ran, ran.parent, ran.parent?.parent].flatMap((command) =>
    (command?.options ?? []).flatMap((option) => {
      const name = option.attributeName();
      if (command?.getOptionValueSource(name) !== 'cli' || name === 'resume') return [];
      const flag = option.long ?? option.flags;
      const value: unknown = command.getOptionValue(name);
      if (value === true) return [flag];
      if (NOT_PRINTED.includes(name)) return [flag, '…'];
      return [value].flat().flatMap((item) => [flag, shellWord(String(item))]);
    }),
  );
  return ['temporal-truedy batch run', shellWord(file), ...words, '--resume'].join(' ');
}

function toRate(text: string): number {
  const rate = /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (rate === 0) throw new InvalidArgumentError('Expected a number over 0, such as 5 or 0.5.');
  return rate;
}
