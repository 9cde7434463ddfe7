import { createHmac } from 'node:crypto';
import { WithStartWorkflowOperation, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Contact, ContactAnswer, ContactAsk, OptOut } from '../call/contact/contact';
import type { Confirmation, Release } from '../call/contact/settle';
import type { ContactPolicy } from '../call/contact/policy';
import {
  CONTACT_WORKFLOW_TYPE,
  getContact,
  optIn,
  optOut,
  releaseContact,
  reserveContact,
  restoreOptOuts,
} from '../workflows/messages';

/** The deadline of one request. */
const REQUEST_LIMIT_MS = 4_000;
/** The deadline of one request on behalf of a person who waits for the answer. */
const ANSWER_LIMIT_MS = 10_000;

type ContactWorkflow = (carried?: Contact) => Promise<void>;

/** The ID of the workflow that counts the calls to a number: `contact/` and 32 hex digits. */
export function contactWorkflowId(key: string, phoneNumber: string): string {
  const hash = createHmac('sha256', key).update(phoneNumber).digest('hex');
  return `contact/${hash.slice(0, 32)}`;
}

/** The contact workflows as activities use them. Each request has a deadline of 4 s. */
export function createContacts(
  client: Client,
  { policy, key }: { readonly policy: ContactPolicy; readonly key: string },
  taskQueue: string,
) {
  return {
    policy,

    /** Asks the contact workflow, which this starts if it does not exist. */
    async reserve(phoneNumber: string, ask: ContactAsk, updateId: string): Promise<ContactAnswer> {
      // A deadline, because the connection of a worker ignores abort signals.
      return client.withDeadline(Date.now() + REQUEST_LIMIT_MS, () =>
        client.workflow.executeUpdateWithStart(reserveContact, {
          args: [ask],
          updateId,
          startWorkflowOperation: startIfAbsent(contactWorkflowId(key, phoneNumber), taskQueue),
        }),
      );
    },

    /**
     * Reports the end of an attempt. A dial or an opt-out is also recorded if the contact workflow does not exist any
     * more.
     */
    async settle(phoneNumber: string, ended: Release | Confirmation): Promise<void> {
      const workflowId = contactWorkflowId(key, phoneNumber);
      await client.withDeadline(Date.now() + REQUEST_LIMIT_MS, async () => {
        if ('dialed' in ended || ended.optOut !== undefined) {
          await client.workflow.signalWithStart<ContactWorkflow, [Release | Confirmation]>(
            CONTACT_WORKFLOW_TYPE,
            { workflowId, taskQueue, signal: releaseContact, signalArgs: [ended] },
          );
          return;
        }
        try {
          await client.workflow.getHandle(workflowId).signal(releaseContact, ended);
        } catch (error) {
          if (!(error instanceof WorkflowNotFoundError)) throw error;
        }
      });
    },
  };
}

/** Records an opt-out. Starts the contact workflow if it does not exist. @returns What is known then. */
export async function recordOptOut(
  client: Client,
  to: { readonly key: string; readonly phoneNumber: string; readonly taskQueue: string },
  reason: string | undefined,
): Promise<Contact> {
  const workflowId = contactWorkflowId(to.key, to.phoneNumber);
  return client.withDeadline(Date.now() + ANSWER_LIMIT_MS, () =>
    client.workflow.executeUpdateWithStart(optOut, {
      args: [{ ...(reason !== undefined && { reason }) }],
      startWorkflowOperation: startIfAbsent(workflowId, to.taskQueue),
    }),
  );
}

/**
 * Ends an opt-out.
 *
 * @returns What is known then.
 * @throws WorkflowNotFoundError if no contact workflow is running.
 */
export async function recordOptIn(
  client: Client,
  workflowId: string,
  reason: string | undefined,
): Promise<Contact> {
  return client.withDeadline(Date.now() + ANSWER_LIMIT_MS, () =>
    client.workflow.getHandle(workflowId).executeUpdate(optIn, {
      args: [{ ...(reason !== undefined && { reason }) }],
    }),
  );
}

/**
 * Adds the opt-outs that are missing. Starts the contact workflow if it does not exist.
 *
 * @returns How many were missing.
 */
export async function restoreContact(
  client: Client,
  to: { readonly workflowId: string; readonly taskQueue: string },
  optOuts: readonly OptOut[],
): Promise<number> {
  const { added } = await client.withDeadline(Date.now() + ANSWER_LIMIT_MS, () =>
    client.workflow.executeUpdateWithStart(restoreOptOuts, {
      args: [optOuts],
      startWorkflowOperation: startIfAbsent(to.workflowId, to.taskQueue),
    }),
  );
  return added;
}

/** What a contact workflow knows. */
export interface StoredContact {
  readonly contact: Contact;
  /** The contact workflow was terminated or failed: calls are not limited by it any more. */
  readonly isLost: boolean;
}

/** What is known of a person. `undefined` if nothing is. */
export async function findContact(
  client: Client,
  workflowId: string,
): Promise<StoredContact | undefined> {
  try {
    const { status } = await client.workflow.getHandle(workflowId).describe();
    // It completes once there is nothing left to remember.
    if (status.name === 'COMPLETED') return undefined;
    const contact = await readContact(client, workflowId);
    return { contact, isLost: !OPEN_STATUSES.includes(status.name) };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** The IDs of all contact workflows. One that was started a moment ago can be missing. */
export async function listContactIds(client: Client): Promise<readonly string[]> {
  const ids: string[] = [];
  const query = `WorkflowType = '${CONTACT_WORKFLOW_TYPE}' AND ExecutionStatus = 'Running'`;
  for await (const { workflowId } of client.workflow.list({ query })) ids.push(workflowId);
  return ids;
}

/** What is known of a person. @throws WorkflowNotFoundError if nothing is. */
export async function readContact(client: Client, workflowId: string): Promise<Contact> {
  return client.withDeadline(Date.now() + ANSWER_LIMIT_MS, () =>
    client.workflow.getHandle(workflowId).query(getContact),
  );
}

// --- internal ---

/** `CONTINUED_AS_NEW`: the next run starts at the same time. */
const OPEN_STATUSES: readonly string[] = ['RUNNING', 'PAUSED', 'CONTINUED_AS_NEW'];

/** A new one for each request: it cannot be used twice. */
function startIfAbsent(workflowId: string, taskQueue: string) {
  const options = { workflowId, taskQueue, workflowIdConflictPolicy: 'USE_EXISTING' } as const;
  return new WithStartWorkflowOperation<ContactWorkflow>(CONTACT_WORKFLOW_TYPE, options);
}
