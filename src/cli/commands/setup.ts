import type { Command } from 'commander';
import { flagsOf } from '../shared/flags';
import type { Done } from '../shared/parsers';

export function addSetup(program: Command, done: Done): void {
  program
    .command('doctor')
    .description('check the whole set-up, and ring nobody; exit 3 where something is broken')
    .option('--agent <id>', 'look whether this agent can call')
    .option('--bridge <url>', 'where the bridge is; default: on this machine at WEBHOOK_PORT')
    .option('--no-bridge', 'there is none: calls are polled')
    .option('--fix', 'add missing search attributes to a server on this machine')
    .action(async (_flags, command: Command) => {
      const { doctor } = await import('../doctor/doctor.js');
      done(await doctor(flagsOf(command)));
    });
  program
    .command('setup')
    .description('tell the commands that register the six search attributes')
    .option('--apply', 'register those that are missing')
    .action(async (_flags, command: Command) => {
      const { setup } = await import('../config/search-attributes.js');
      done(await setup(flagsOf(command)));
    });
  const config = program.command('config').description('the settings and where they come from');
  config
    .command('show')
    .description('tell every setting, where it comes from and what is wrong with it')
    .action(async (_flags, command: Command) => {
      const { configShow } = await import('../config/show.js');
      done(configShow(flagsOf(command)));
    });
}
