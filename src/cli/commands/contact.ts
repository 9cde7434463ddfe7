import { Option, type Command } from 'commander';
import { example, type Run } from './action';

export function addContact(program: Command, run: Run): void {
  const contact = program
    .command('contact')
    .description('Show a person, and record and export opt-outs');
  contact
    .command('show <number>')
    .description('Show opt-outs, calls and limits of a person')
    .addHelpText('after', example('contact show +14155550123'))
    .action(
      run(async (flags, number: string) =>
        (await import('../contact/show.js')).show(number, flags),
      ),
    );
  withReason(contact.command('opt-out <number>'))
    .description('Forbid every call to a person; a call that is placed already is not affected')
    .addHelpText('after', example('contact opt-out +14155550123 --reason "asked by email"'))
    .action(
      run(async (flags, number: string) =>
        (await import('../contact/opt-out.js')).optOut(number, flags),
      ),
    );
  withReason(contact.command('opt-in <number>'))
    .description('Allow calls to a person again')
    .addHelpText('after', example('contact opt-in +14155550123 --reason "asked by phone"'))
    .action(
      run(async (flags, number: string) =>
        (await import('../contact/opt-out.js')).optIn(number, flags),
      ),
    );
  addFiles(contact, run);
}

// --- internal ---

function addFiles(contact: Command, run: Run): void {
  contact
    .command('export [number]')
    .description('Print every dial and opt-out of a person, or the opt-outs of all')
    .addOption(
      new Option('--format <format>', 'File format. Default: csv.').choices(['csv', 'json']),
    )
    .option('--opt-outs', 'Print opt-outs alone, for contact restore. Without a number: of all.')
    .addHelpText('after', example('contact export --opt-outs > opt-outs.jsonl'))
    .action(
      run(async (flags, number?: string) =>
        (await import('../contact/export.js')).exportContacts(number, flags),
      ),
    );
  contact
    .command('restore <file>')
    .description('Restore opt-outs from a file of contact export --opt-outs')
    .addHelpText('after', example('contact restore opt-outs.jsonl'))
    .action(
      run(async (flags, file: string) =>
        (await import('../contact/restore.js')).restore(file, flags),
      ),
    );
}

function withReason(command: Command): Command {
  return command.option(
    '--reason <text>',
    'Reason to record with the time. Phone numbers in it are masked.',
  );
}
