import { Option, type Command } from 'commander';
import type { Run } from './action';
import { LONG_RUNNING } from '../shared/parsers';

export function addDemo(program: Command, run: Run): void {
  program
    .command('demo')
    .description('Run three calls against a simulator; dials no real phone')
    .option('--fast', 'Exit after the summary, with 1 if the simulator counted other dials.')
    .addOption(
      new Option('--scenario <name>', 'Run one call that is redialed instead.').choices(['redial']),
    )
    .option('--yes', 'Allow a Temporal server that is not on this machine.')
    .addHelpText('after', LONG_RUNNING)
    .action(run(async (flags) => (await import('../demo/demo.js')).demo(flags)));
}
