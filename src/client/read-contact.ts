import type { Client } from '@temporalio/client';
import { toContactView, type ContactView } from '../call/contact/contact-view';
import { contactWorkflowId, findContact } from '../temporal/contacts';
import { contactKeyFor } from './opt-out';

/**
 * What is known of a person: opt-outs, and the calls of the last 400 days.
 *
 * @param phoneNumber E.164, such as +14155550101.
 * @param options.key Default: `TRUEDY_CONTACT_KEY`. It must be that of the workers.
 * @returns `undefined` if nothing is known. `isLost`: the contact workflow was terminated, so that the workers know
 *   nothing of this any more, opt-outs included.
 * @throws As `optOut`.
 */
export async function readContact(
  client: Client,
  phoneNumber: string,
  options: { readonly key?: string } = {},
): Promise<(ContactView & { readonly isLost: boolean }) | undefined> {
  const workflowId = contactWorkflowId(contactKeyFor(phoneNumber, options), phoneNumber);
  const found = await findContact(client, workflowId);
  return found && { ...toContactView(found.contact), isLost: found.isLost };
}
