import type { Command } from 'commander';
import { flagsOf } from '../shared/flags';
import { RUNS_LONG, type Done } from '../shared/parsers';

export function addReading(program: Command, done: Done): void {
  program
    .command('result <id>')
    .description('wait for a call and tell its result')
    .option('--transcript', 'tell what was said, too')
    .action(async (id: string, _flags, command: Command) => {
      const { result } = await import('../call/result.js');
      done(await result(id, flagsOf(command)));
    });
  program
    .command('watch <id>')
    .description('tell the phases of a call as they come')
    .addHelpText('after', RUNS_LONG)
    .action(async (id: string, _flags, command: Command) => {
      const { watch } = await import('../call/watch.js');
      done(await watch(id, flagsOf(command)));
    });
  program
    .command('describe <id>')
    .description('tell where a call stands, and what can be done')
    .action(async (id: string, _flags, command: Command) => {
      const { describe } = await import('../call/watch.js');
      done(await describe(id, flagsOf(command)));
    });
}
