import type { Command } from 'commander';
import { flagsOf } from '../shared/flags';
import { toPositive, type Done } from '../shared/parsers';

export function addSteering(program: Command, done: Done): void {
  program
    .command('cancel [ids...]')
    .description('prevent calls, or follow live ones to their end')
    .option('-q, --query <query>', "all open calls that match, in Temporal's own words")
    .option('--reason <text>', 'for the record')
    .option('--rps <count>', 'at most so many a second; 10', toPositive)
    .option('-y, --yes', 'needed with --query')
    .addHelpText(
      'after',
      '\nExample:\n  temporal truedy cancel --query "TruedyCampaign = \'YourCampaign\'" --reason "called off" --yes',
    )
    .action(async (ids: string[], _flags, command: Command) => {
      const { cancel } = await import('../call/cancel.js');
      done(await cancel(ids, flagsOf(command)));
    });
  const steps = [
    ['redial-now <id>', 'redialNow', 'end the present wait'],
    ['reschedule <id>', 'reschedule', 'move the present wait'],
    ['stop <id>', 'stop', 'no further attempt; a live call runs to its end'],
    ['resolve <id>', 'resolve', 'say what became of an unclear call'],
  ] as const;
  for (const [name, step, description] of steps) {
    const command = program.command(name).description(description);
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
      const { steer } = await import('../call/update.js');
      done(await steer(id, { step, ...wishOf(ran) }, flagsOf(ran)));
    });
  }
}

// --- internal ---

function wishOf(command: Command): Readonly<Record<string, string | boolean>> {
  const { notDialled, ...flags } = command.opts<Record<string, string | boolean>>();
  const wished = ['notBefore', 'expiresAt', 'reason', 'callId', 'dialled'];
  const given = Object.entries(flags).filter(([name]) => wished.includes(name));
  return { ...Object.fromEntries(given), ...(notDialled === true && { dialled: false }) };
}
