import type { Command } from 'commander';
import type { Run } from './action';

export function addSetup(program: Command, run: Run): void {
  program
    .command('doctor')
    .description('Check the configuration end to end without placing a call')
    .option('--agent <id>', 'Also check whether this agent can place calls.')
    .option('--bridge <url>', 'URL of the webhook bridge. Default: this machine at WEBHOOK_PORT.')
    .option('--no-bridge', 'Skip the checks of the bridge: results are polled.')
    .option('--fix', 'Add missing search attributes to a Temporal server on this machine.')
    .addHelpText('after', '\nExits with 3 if a check fails.')
    .action(run(async (flags) => (await import('../doctor/doctor.js')).doctor(flags)));
  program
    .command('setup')
    .description('Print the commands that register missing search attributes')
    .option('--apply', 'Register the missing search attributes.')
    .action(run(async (flags) => (await import('../config/search-attributes.js')).setup(flags)));
  const config = program.command('config').description('Show the settings');
  config
    .command('show')
    .description('Show every setting, its source, and any problem with it')
    .action(run(async (flags) => (await import('../config/show.js')).configShow(flags)));
}
