import type { Command } from 'commander';
import { example, type Run } from './action';
import { toPositive } from '../shared/parsers';

export function addUpdates(program: Command, run: Run): void {
  program
    .command('cancel [ids...]')
    .description('Cancel calls; a live call runs to completion')
    .option(
      '-q, --query <query>',
      'Cancel all open calls that match a Temporal list filter. Requires --yes.',
    )
    .option('--reason <text>', 'Reason to record in the workflow history.')
    .option('--rps <count>', 'Maximum cancellations per second. Default: 10.', toPositive)
    .option('-y, --yes', 'Confirm --query.')
    .addHelpText(
      'after',
      example('cancel --query "TruedyCampaign = \'YourCampaign\'" --reason "called off" --yes'),
    )
    .action(
      run(async (flags, ids: string[]) => (await import('../call/cancel.js')).cancel(ids, flags)),
    );
  const updates = [
    ['redial-now <id>', 'redialNow', 'End the current wait and dial now'],
    ['reschedule <id>', 'reschedule', 'Change when the next attempt starts or expires'],
    ['stop <id>', 'stop', 'Make no further attempts; a live call runs to completion'],
    ['resolve <id>', 'resolve', 'Record whether an unclear call was dialed'],
  ] as const;
  for (const [name, update, description] of updates) {
    const command = program.command(name).description(description);
    if (update === 'reschedule') {
      command
        .option('--not-before <time>', 'Do not dial before this time. ISO 8601 with an offset.')
        .option('--expires-at <time>', 'Do not dial after this time. ISO 8601 with an offset.');
    }
    if (update === 'stop' || update === 'resolve')
      command.option('--reason <text>', 'Reason to record in the workflow history.');
    if (update === 'resolve') {
      command
        .option('--dialled', 'The phone was dialed. Requires --call-id.')
        .option('--call-id <id>', "Truedy's ID of the call. Implies --dialled.")
        .option('--not-dialled', 'The phone was not dialed.');
    }
    command.action(
      run(async (flags, id: string, _, ran: Command) =>
        (await import('../call/update.js')).sendUpdate(id, { update, ...argumentsOf(ran) }, flags),
      ),
    );
  }
}

// --- internal ---

/** The flags that are arguments of the update, under the update's own names. */
function argumentsOf(command: Command): Readonly<Record<string, string | boolean>> {
  const { notDialled, ...flags } = command.opts<Record<string, string | boolean>>();
  const names = ['notBefore', 'expiresAt', 'reason', 'callId', 'dialled'];
  const given = Object.entries(flags).filter(([name]) => names.includes(name));
  return { ...Object.fromEntries(given), ...(notDialled === true && { dialled: false }) };
}
