import { setTimeout as sleep } from 'node:timers/promises';
import { KnownError } from '../../runtime/process';
import {
  addSearchAttributes,
  readSearchAttributes,
  type KnownAttribute,
} from '../../temporal/search-attributes';
import type { CommonFlags } from '../shared/flags';
import { EXIT } from '../shared/exit-codes';
import { note, print } from '../shared/output';
import { withTemporal } from '../shared/connect';
import type { Temporal } from '../../temporal/client';
import { isForbidden } from '../shared/temporal-errors';

const LISTED_TIMEOUT_MS = 20_000;
const POLL_INTERVAL_MS = 200;

/**
 * Prints the commands that register the search attributes that the namespace lacks. With `--apply`, registers
 * them and waits until the server lists them.
 */
export async function setup(
  flags: CommonFlags & { readonly apply?: boolean | undefined },
): Promise<number> {
  return withTemporal(flags, async (temporal) => {
    const { namespace, address, connection } = temporal;
    const known = await readSearchAttributes(connection, namespace);
    const missing = namesOf(known, 'missing');
    const commands = commandsFor(temporal, known);
    const where = `Namespace ${namespace} at ${address}`;
    if (flags.apply) await register(temporal, missing, commands);
    const attributes = flags.apply ? await readSearchAttributes(connection, namespace) : known;
    printState(flags, { namespace, address, attributes, commands: flags.apply ? [] : commands });
    if (missing.length === 0) note(`${where} has all six search attributes.`);
    else if (flags.apply) {
      note(`${where} now has ${missing.join(', ')}. Restart workers: they check when they start.`);
    } else
      note(
        `${where} lacks ${missing.length} of 6 search attributes. Next: temporal truedy setup --apply`,
      );
    rejectWrongTypes(temporal, known);
    return EXIT.done;
  });
}

/**
 * Registers search attributes and waits until the server lists them, which takes time except on a
 * development server.
 *
 * @throws KnownError if we lack the permission, or the server does not list them in time.
 */
export async function register(
  { connection, namespace }: Temporal,
  missing: readonly string[],
  commands: readonly string[],
  timeoutMs = LISTED_TIMEOUT_MS,
): Promise<void> {
  if (missing.length === 0) return;
  try {
    await addSearchAttributes(connection, namespace, missing);
  } catch (error) {
    if (!isForbidden(error)) throw error;
    throw new KnownError(
      `TT1011  Permission denied to add search attributes to namespace ${namespace}.\n` +
        '        Calls still work, but lists cannot be filtered. An administrator can run:\n' +
        commands.map((command) => `        ${command}`).join('\n'),
      EXIT.settings,
      { cause: error },
    );
  }
  for (const endMs = Date.now() + timeoutMs; ;) {
    const known = await readSearchAttributes(connection, namespace);
    const unlisted = namesOf(known, 'missing').filter((name) => missing.includes(name));
    if (unlisted.length === 0) return;
    if (Date.now() > endMs) {
      throw new KnownError(
        `TT1013  Added ${unlisted.join(', ')} to namespace ${namespace}, but the server did not list them within ${timeoutMs / 1000} s.\n` +
          '        temporal truedy setup',
        EXIT.unreachable,
      );
    }
    await sleep(POLL_INTERVAL_MS);
  }
}

/** One command per attribute: `temporal` accepts several names but registers only the first. */
export function commandsFor(temporal: Temporal, known: readonly KnownAttribute[]): string[] {
  return known
    .filter(({ state }) => state === 'missing')
    .map(({ name, type }) => `${command('create', temporal)} --type ${type} --name ${name}`);
}

export function namesOf(
  known: readonly KnownAttribute[],
  state: KnownAttribute['state'],
): readonly string[] {
  return known.filter((one) => one.state === state).map(({ name }) => name);
}

/** The attributes that have another type on the server, and the commands that remove them. */
export function wrongTypes(temporal: Temporal, known: readonly KnownAttribute[]) {
  const wrong = known.filter(({ state }) => state === 'other_type');
  return {
    problems: wrong.map(({ name, type, found }) => `${name} is ${found} but must be ${type}`),
    commands: wrong.map(({ name }) => `${command('remove', temporal)} --name ${name}`),
  };
}

// --- internal ---

/** Includes the address, because the `temporal` command does not read `.env`. */
function command(action: 'create' | 'remove', { address, namespace }: Temporal): string {
  return `temporal operator search-attribute ${action} --address ${address} -n ${namespace}`;
}

function printState(
  { output }: CommonFlags,
  state: { readonly commands: readonly string[] } & Readonly<Record<string, unknown>>,
): void {
  // Text output can be piped to a shell, so it contains only commands.
  if (output === 'text' && state.commands.length === 0) return;
  print(output, state, state.commands.join('\n'));
}

/** The server ignores a second registration without an error, so the attribute has to be removed first. */
function rejectWrongTypes(temporal: Temporal, known: readonly KnownAttribute[]): void {
  const { problems, commands } = wrongTypes(temporal, known);
  if (problems.length === 0) return;
  throw new KnownError(
    [
      `TT1012  ${problems.join(' · ')} (namespace ${temporal.namespace}).`,
      'Calls still work, but lists cannot be filtered. If nothing else uses the attribute, remove it:',
      ...commands,
      'temporal truedy setup --apply',
    ].join('\n        '),
    EXIT.settings,
  );
}
