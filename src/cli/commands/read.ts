import type { Command } from 'commander';
import type { Run } from './action';
import { LONG_RUNNING } from '../shared/parsers';

export function addReading(program: Command, run: Run): void {
  program
    .command('result <id>')
    .description('Wait for a call to end and print its result')
    .option('--transcript', 'Also print the transcript.')
    .action(
      run(async (flags, id: string) => (await import('../call/result.js')).result(id, flags)),
    );
  program
    .command('watch <id>')
    .description('Follow a call and print each phase change')
    .addHelpText('after', LONG_RUNNING)
    .action(run(async (flags, id: string) => (await import('../call/watch.js')).watch(id, flags)));
  program
    .command('describe <id>')
    .description('Show the current state of a call and the available actions')
    .action(
      run(async (flags, id: string) => (await import('../call/watch.js')).describe(id, flags)),
    );
}
