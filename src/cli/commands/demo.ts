import { Option, type Command } from 'commander';
import { flagsOf } from '../shared/flags';
import { RUNS_LONG, type Done } from '../shared/parsers';

export function addDemo(program: Command, done: Done): void {
  program
    .command('demo')
    .description('three calls against a simulator: by webhook, by poll, over a killed worker')
    .option('--fast', 'leave after the summary; exit 1 if a count is off')
    .addOption(
      new Option('--scenario <name>', 'another story: a conversation that is redialled').choices([
        'redial',
      ]),
    )
    .option('--yes', 'use a server that is named and not on this machine')
    .addHelpText('after', RUNS_LONG)
    .action(async (_flags, command: Command) => {
      const { demo } = await import('../demo/demo.js');
      done(await demo(flagsOf(command)));
    });
}
