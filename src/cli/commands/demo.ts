import { Option, type Command } from 'commander';
import { flagsOf } from '../shared/flags';
import { LONG_RUNNING, type Done } from '../shared/parsers';

export function addDemo(program: Command, done: Done): void {
  program
    .command('demo')
    .description('Run three calls against a simulator; dials no real phone')
    .option('--fast', 'Exit after the summary, with 1 if the simulator counted other dials.')
    .addOption(
      new Option('--scenario <name>', 'Run one call that is redialed instead.').choices(['redial']),
    )
    .option('--yes', 'Allow a Temporal server that is not on this machine.')
    .addHelpText('after', LONG_RUNNING)
    .action(async (_flags, command: Command) => {
      const { demo } = await import('../demo/demo.js');
      done(await demo(flagsOf(command)));
    });
}
