import type { Command } from 'commander';
import { flagsOf } from '../shared/flags';
import { LONG_RUNNING, type Done } from '../shared/parsers';

export function addReading(program: Command, done: Done): void {
  program
    .command('result <id>')
    .description('Wait for a call to end and print its result')
    .option('--transcript', 'Also print the transcript.')
    .action(async (id: string, _flags, command: Command) => {
      const { result } = await import('../call/result.js');
      done(await result(id, flagsOf(command)));
    });
  program
    .command('watch <id>')
    .description('Follow a call and print each phase change')
    .addHelpText('after', LONG_RUNNING)
    .action(async (id: string, _flags, command: Command) => {
      const { watch } = await import('../call/watch.js');
      done(await watch(id, flagsOf(command)));
    });
  program
    .command('describe <id>')
    .description('Show the current state of a call and the available actions')
    .action(async (id: string, _flags, command: Command) => {
      const { describe } = await import('../call/watch.js');
      done(await describe(id, flagsOf(command)));
    });
}
