import { createHmac } from 'node:crypto';
import { WithStartWorkflowOperation, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type {
  Confirmation,
  Contact,
  ContactAnswer,
  ContactAsk,
  Release,
} from '../call/contact/contact';
import type { ContactPolicy } from '../call/contact/policy';
import {
  CONTACT_WORKFLOW_TYPE,
  getContact,
  optOut,
  releaseContact,
  reserveContact,
} from '../workflows/messages';

/** The deadline of one request. */
const REQUEST_LIMIT_MS = 4_000;
const OPT_OUT_LIMIT_MS = 10_000;

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
          startWorkflowOperation: new WithStartWorkflowOperation<ContactWorkflow>(
            CONTACT_WORKFLOW_TYPE,
            {
              workflowId: contactWorkflowId(key, phoneNumber),
              taskQueue,
              workflowIdConflictPolicy: 'USE_EXISTING',
            },
          ),
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

/** Records an opt-out. Starts the contact workflow if it does not exist. */
export async function recordOptOut(
  client: Client,
  to: { readonly key: string; readonly phoneNumber: string; readonly taskQueue: string },
  reason: string | undefined,
): Promise<void> {
  const workflowId = contactWorkflowId(to.key, to.phoneNumber);
  await client.withDeadline(Date.now() + OPT_OUT_LIMIT_MS, () =>
    client.workflow.executeUpdateWithStart(optOut, {
      args: [{ ...(reason !== undefined && { reason }) }],
      startWorkflowOperation: new WithStartWorkflowOperation<ContactWorkflow>(
        CONTACT_WORKFLOW_TYPE,
        { workflowId, taskQueue: to.taskQueue, workflowIdConflictPolicy: 'USE_EXISTING' },
      ),
    }),
  );
}

/** What is known of a person. @throws WorkflowNotFoundError if nothing is. */
export async function readContact(client: Client, workflowId: string): Promise<Contact> {
  return client.withDeadline(Date.now() + REQUEST_LIMIT_MS, () =>
    client.workflow.getHandle(workflowId).query(getContact),
  );
}
