import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import { optOut } from '../../src/client/opt-out';
import type { Contact } from '../../src/call/contact/contact';
import { contactWorkflowId, readContact } from '../../src/temporal/contacts';
import { optIn } from '../../src/workflows/messages';
import type { Cluster } from '../faults/support/cluster';
import { createActions } from './actions';
import { numberOf } from './conversation';
import type { DrawnOptOut, DrawnPeople } from './draw-people';
import type { Action } from './facts';
import { QUEUE } from './fleet';
import { withRetries } from './retries';

const KEY = 'chaos-contact-key-0123456789';
const ANSWER_MS = 20_000;

/** What one person did, and what is recorded of the person at the end. */
export interface PersonFacts {
  readonly person: number;
  /** Opt-outs and opt-ins, in order. */
  readonly actions: readonly Action[];
  /** Absent if the person was never asked for. */
  readonly contact?: Contact;
}

/** The settings of every worker. Empty without people. */
export function contactSettings(people: DrawnPeople | undefined): Readonly<Record<string, string>> {
  if (people === undefined) return {};
  const { policy } = people;
  return { TRUEDY_CONTACT_POLICY: JSON.stringify(policy), TRUEDY_CONTACT_KEY: KEY };
}

/** Lets people opt out and in, and records it. */
export function createCrowd({ client }: Cluster, people: DrawnPeople | undefined) {
  const acting = new Map<number, ReturnType<typeof createActions>>();
  const pending: Promise<void>[] = [];

  async function change({ person, optInAfterMs }: DrawnOptOut): Promise<void> {
    const number = numberOf(person);
    const actions = createActions();
    acting.set(person, actions);
    await actions.do({ name: 'optOut' }, () =>
      withRetries(() => optOut(client, number, { key: KEY, taskQueue: QUEUE, reason: 'chaos' })),
    );
    if (optInAfterMs === undefined) return;
    await sleep(optInAfterMs);
    const contact = client.workflow.getHandle(contactWorkflowId(KEY, number));
    await actions.do({ name: 'optIn' }, () =>
      withRetries(() => contact.executeUpdate(optIn, { args: [{}] })),
    );
  }

  async function recorded(person: number): Promise<Contact | undefined> {
    const workflowId = contactWorkflowId(KEY, numberOf(person));
    try {
      return await withRetries(() => readContact(client, workflowId));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  }

  async function factsOf(person: number): Promise<PersonFacts> {
    const actions = acting.get(person);
    await actions?.settled(ANSWER_MS);
    const contact = await recorded(person);
    return { person, actions: actions?.all ?? [], ...(contact && { contact }) };
  }

  return {
    /** Performs what is drawn for this moment of the run. */
    actAt(index: number, onFailure: (error: unknown) => void): void {
      for (const drawn of people?.optOuts ?? []) {
        if (drawn.atCall !== index) continue;
        const changed = change(drawn);
        changed.catch(onFailure);
        pending.push(changed);
      }
    },

    /** All facts, once every call has ended. */
    async end(): Promise<readonly PersonFacts[]> {
      await Promise.all(pending);
      const found: PersonFacts[] = [];
      for (let person = 0; person < (people?.count ?? 0); person += 1) {
        found.push(await factsOf(person));
      }
      return found;
    },
  };
}
