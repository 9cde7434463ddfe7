import { WorkflowNotFoundError } from '@temporalio/client';
import { toContactView, type OptOutView } from '../../call/contact/contact-view';
import { printableLine } from '../../call/text/characters';
import { readStarterSettings } from '../../client/start-call';
import type { Temporal } from '../../temporal/client';
import { findContact, recordOptIn, recordOptOut } from '../../temporal/contacts';
import { withTemporal } from '../shared/connect';
import { EXIT } from '../shared/exit-codes';
import type { CommonFlags } from '../shared/flags';
import { note, print, timeText } from '../shared/output';
import { askContact, checkNumber, personOf, type Person } from './person';

interface ReasonFlag {
  readonly reason?: string;
}

/** Forbids every call to a person. An earlier opt-out keeps its time and reason. */
export async function optOut(number: string, flags: CommonFlags & ReasonFlag): Promise<number> {
  checkNumber(number);
  return withTemporal(flags, async (temporal, env) => {
    const person = personOf(number, env);
    const { taskQueue } = readStarterSettings(env);
    const startedMs = Date.now();
    const contact = await askContact(
      temporal,
      person.workflowId,
      () =>
        recordOptOut(temporal.client, { ...person, phoneNumber: number, taskQueue }, flags.reason),
      'The opt-out may be recorded nevertheless. Run the command again: it is recorded once.',
    );
    const [current] = toContactView(contact).optOuts.filter(isCurrent);
    printChange(person, flags, { optedOut: true, ...current });
    if (current && Date.parse(current.at) < startedMs - CLOCK_DIFFERENCE_MS) {
      note('The person was opted out before: the earlier time and reason are kept.');
    }
    return EXIT.done;
  });
}

/** Allows calls to a person again. */
export async function optIn(number: string, flags: CommonFlags & ReasonFlag): Promise<number> {
  checkNumber(number);
  return withTemporal(flags, async (temporal, env) => {
    const person = personOf(number, env);
    const ended = await askContact(
      temporal,
      person.workflowId,
      () => endOptOut(temporal, person, flags.reason),
      'The opt-in may be recorded nevertheless. Run the command again: it is recorded once.',
    );
    printChange(person, flags, { optedOut: false, ...ended });
    if (ended === undefined) {
      note(`${person.shownNumber} has no opt-out in ${temporal.namespace}. Nothing was changed.`);
    }
    return EXIT.done;
  });
}

// --- internal ---

/** The server decides the time of an opt-out, and its clock can differ from ours. */
const CLOCK_DIFFERENCE_MS = 60_000;

function isCurrent({ endedAt }: OptOutView): boolean {
  return endedAt === undefined;
}

/** The opt-out that was ended. `undefined` if there is none. */
async function endOptOut(
  { client }: Temporal,
  { workflowId }: Person,
  reason: string | undefined,
): Promise<OptOutView | undefined> {
  const found = await findContact(client, workflowId);
  if (found === undefined || found.isLost) return undefined;
  const index = toContactView(found.contact).optOuts.findLastIndex(isCurrent);
  if (index < 0) return undefined;
  try {
    return toContactView(await recordOptIn(client, workflowId, reason)).optOuts[index];
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

function printChange(
  { shownNumber, workflowId }: Person,
  { output, timeFormat }: CommonFlags,
  state: { readonly optedOut: boolean } & Partial<OptOutView>,
): void {
  const { optedOut, at, reason, endedAt, endReason } = state;
  const [time, why] = optedOut ? [at, reason] : [endedAt, endReason];
  const text = [
    `${shownNumber}  ${optedOut ? 'opted out' : 'not opted out'}`,
    ...(time === undefined ? [] : [` since ${timeText(time, timeFormat)}`]),
    ...(why === undefined ? [] : [`: ${printableLine(why)}`]),
  ].join('');
  print(output, { phoneNumber: shownNumber, workflowId, ...state }, text);
}
