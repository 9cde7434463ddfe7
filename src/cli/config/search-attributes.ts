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

const LISTED_LIMIT_MS = 20_000;
const LOOK_EVERY_MS = 200;

/**
 * The six search attributes: tells the commands that register those the namespace lacks, or with
 * `--apply` registers them and waits until they are listed.
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
    tellState(flags, { namespace, address, attributes, commands: flags.apply ? [] : commands });
    if (missing.length === 0) note(`${where} lacks none of the six.`);
    else if (flags.apply) {
      note(`${where} now knows ${missing.join(', ')}. A worker looks when it starts.`);
    } else note(`${where} lacks ${missing.length} of 6. Next: temporal truedy setup --apply`);
    refuseOtherTypes(temporal, known);
    return EXIT.done;
  });
}

/**
 * Registers what is missing and waits until all of it is listed: other servers than the one for
 * development lag behind.
 *
 * @throws KnownError where we may not, or where it is not listed in time.
 */
export async function register(
  { connection, namespace }: Temporal,
  missing: readonly string[],
  commands: readonly string[],
  limitMs = LISTED_LIMIT_MS,
): Promise<void> {
  if (missing.length === 0) return;
  try {
    await addSearchAttributes(connection, namespace, missing);
  } catch (error) {
    if (!isForbidden(error)) throw error;
    throw new KnownError(
      `TT1011  We may not add search attributes to namespace ${namespace}.\n` +
        '        Calls run without them, and lists show less. Whoever may can run:\n' +
        commands.map((command) => `        ${command}`).join('\n'),
      EXIT.settings,
      { cause: error },
    );
  }
  for (const endMs = Date.now() + limitMs; ;) {
    const known = await readSearchAttributes(connection, namespace);
    const left = namesOf(known, 'missing').filter((name) => missing.includes(name));
    if (left.length === 0) return;
    if (Date.now() > endMs) {
      throw new KnownError(
        `TT1013  ${left.join(', ')}: added to namespace ${namespace}, and not listed after ${limitMs / 1000} s.\n` +
          '        temporal truedy setup',
        EXIT.unreachable,
      );
    }
    await sleep(LOOK_EVERY_MS);
  }
}

/** One command an attribute: `temporal` takes several names at once, and registers the first. */
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

/** The faults of attributes that have another type there, and what mends each. */
export function otherTypes(temporal: Temporal, known: readonly KnownAttribute[]) {
  const wrong = known.filter(({ state }) => state === 'other_type');
  return {
    faults: wrong.map(
      ({ name, type, found }) => `${name} is ${found} there, and has to be ${type}`,
    ),
    commands: wrong.map(({ name }) => `${command('remove', temporal)} --name ${name}`),
  };
}

// --- internal ---

/** The address is named: the `temporal` command reads no `.env`. */
function command(step: 'create' | 'remove', { address, namespace }: Temporal): string {
  return `temporal operator search-attribute ${step} --address ${address} -n ${namespace}`;
}

function tellState(
  { output }: CommonFlags,
  state: { readonly commands: readonly string[] } & Readonly<Record<string, unknown>>,
): void {
  // Text is for a shell: commands alone, and nothing where there is none to run.
  if (output === 'text' && state.commands.length === 0) return;
  print(output, state, state.commands.join('\n'));
}

/** The server answers OK to a second registration and changes nothing, so only a removal helps. */
function refuseOtherTypes(temporal: Temporal, known: readonly KnownAttribute[]): void {
  const { faults, commands } = otherTypes(temporal, known);
  if (faults.length === 0) return;
  throw new KnownError(
    [
      `TT1012  ${faults.join(' · ')} (namespace ${temporal.namespace}).`,
      'Calls run without all six until then. Where nobody else uses the name, remove it:',
      ...commands,
      'temporal truedy setup --apply',
    ].join('\n        '),
    EXIT.settings,
  );
}
