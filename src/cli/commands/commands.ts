import type { Command } from 'commander';
import { flagsOf } from '../shared/flags';
import { print } from '../shared/output';

/** One command and its subcommands, for programs that build command lines. */
interface Entry {
  readonly name: string;
  readonly description: string;
  /** As the usage line shows them: `<id>`, `[ids...]`. */
  readonly arguments: readonly string[];
  readonly flags: readonly { readonly flags: string; readonly description: string }[];
  readonly commands: readonly Entry[];
}

export function addCommands(program: Command): void {
  program
    .command('commands')
    .description('Print all commands and flags as JSON')
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
    arguments: command.registeredArguments.map((argument) => {
      const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
      return argument.required ? `<${name}>` : `[${name}]`;
    }),
    flags: command.options
      .filter(({ hidden }) => !hidden)
      .map(({ flags, description }) => ({ flags, description })),
    commands: command.commands.map(entryOf),
  };
}
