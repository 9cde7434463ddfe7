import type { Command } from 'commander';
import { flagsOf } from '../shared/flags';
import { print } from '../shared/output';

/** One verb of the tree, for programs that write command lines. */
interface Entry {
  readonly name: string;
  readonly description: string;
  /** As in its usage: `<id>`, `[ids...]`. */
  readonly arguments: readonly string[];
  readonly flags: readonly { readonly flags: string; readonly description: string }[];
  readonly commands: readonly Entry[];
}

export function addCommands(program: Command): void {
  program
    .command('commands')
    .description('all of this as JSON, for programs')
    .action((_flags, command: Command) => {
      const { output } = flagsOf(command);
      const tree = entryOf(program);
      print(output === 'text' ? 'json' : output, tree, '');
    });
}

// --- internal ---

function entryOf(command: Command): Entry {
  return {
    name: command.name(),
    description: command.description(),
    arguments: command.registeredArguments.map((one) => {
      const name = `${one.name()}${one.variadic ? '...' : ''}`;
      return one.required ? `<${name}>` : `[${name}]`;
    }),
    flags: command.options
      .filter(({ hidden }) => !hidden)
      .map(({ flags, description }) => ({ flags, description })),
    commands: command.commands.map(entryOf),
  };
}
