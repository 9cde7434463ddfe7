import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { invalidInput } from '../activities/invalid-input';
import { isOptedOut } from '../call/contact/opt-outs';
import { currentEnvironment } from '../runtime/process';
import { readContactKey } from '../runtime/config';
import { contactWorkflowId, findContact, recordOptIn, recordOptOut } from '../temporal/contacts';
import { readStarterSettings } from './start-call';

/**
 * Forbids every call to a person, on workers with a contact policy. Waiting calls end as `suppressed`. A call that is
 * already placed is not affected.
 *
 * @param phoneNumber E.164, such as +14155550101.
 * @param options.reason Stored with the time of the opt-out, in the history of the person's contact workflow: at most
 *   1,000 bytes, with phone numbers masked.
 * @param options.key Default: `TRUEDY_CONTACT_KEY`. It must be that of the workers.
 * @param options.taskQueue Default: `TRUEDY_TASK_QUEUE`, else `truedy-calls`.
 * @throws ApplicationFailure `InvalidInput` if the number is not E.164; SettingsError without a key; ServiceError if no
 *   worker answers within 10 s. The opt-out can be recorded nevertheless; repeat it.
 */
export async function optOut(
  client: Client,
  phoneNumber: string,
  options: {
    readonly reason?: string;
    readonly key?: string;
    readonly taskQueue?: string;
  } = {},
): Promise<void> {
  const key = contactKeyFor(phoneNumber, options);
  const taskQueue = options.taskQueue ?? readStarterSettings(currentEnvironment()).taskQueue;
  await recordOptOut(client, { key, phoneNumber, taskQueue }, options.reason);
}

/**
 * Allows calls to a person again. The opt-out is kept with the time and reason of its end.
 *
 * @param phoneNumber E.164, such as +14155550101.
 * @param options As for `optOut`.
 * @returns Whether the person was opted out.
 * @throws As `optOut`.
 */
export async function optIn(
  client: Client,
  phoneNumber: string,
  options: { readonly reason?: string; readonly key?: string } = {},
): Promise<boolean> {
  const workflowId = contactWorkflowId(contactKeyFor(phoneNumber, options), phoneNumber);
  const found = await findContact(client, workflowId);
  if (found === undefined || found.isLost || !isOptedOut(found.contact)) return false;
  try {
    await recordOptIn(client, workflowId, options.reason);
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/** @throws ApplicationFailure `InvalidInput` if the number is not E.164; SettingsError without a key. */
export function contactKeyFor(phoneNumber: string, { key }: { readonly key?: string }): string {
  if (!/^\+[1-9]\d{6,14}$/.test(phoneNumber)) {
    throw invalidInput([{ path: 'phoneNumber', problem: 'is not E.164, such as +14155551234' }]);
  }
  return key ?? readContactKey(currentEnvironment());
}
