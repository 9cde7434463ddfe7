import { maskNumber } from '../../call/text/masking';
import { readContactKey } from '../../runtime/config';
import type { Temporal } from '../../temporal/client';
import { contactWorkflowId } from '../../temporal/contacts';
import { E164, numberHint } from '../call/phone-number';
import { taskFailure } from '../shared/task-failure';
import { isUnanswered, UnansweredError } from '../shared/temporal-errors';
import { usageError } from '../shared/usage-error';

/** A person, as the commands name them. */
export interface Person {
  readonly number: string;
  /** With the number masked. */
  readonly shownNumber: string;
  readonly workflowId: string;
  readonly key: string;
}

/** @throws KnownError TT3003, which does not repeat the text, if it is not a number. */
export function checkNumber(text: string): void {
  if (E164.test(text)) return;
  const hint = numberHint(text);
  throw usageError(
    'TT3003  The phone number is not a full international number. Nothing was read or changed.',
    ...(hint === undefined ? [] : [hint]),
    'temporal truedy contact show +14155550123',
  );
}

/** @throws SettingsError without `TRUEDY_CONTACT_KEY`, from which the ID of the contact workflow is derived. */
export function personOf(number: string, env: NodeJS.ProcessEnv): Person {
  const key = readContactKey(env);
  const workflowId = contactWorkflowId(key, number);
  return { number, shownNumber: maskNumber(number), workflowId, key };
}

/**
 * Asks a contact workflow, which a worker has to answer.
 *
 * @param effect What is to be done, and what may have been done, if no worker answers.
 * @throws UnansweredError TT6006 if no worker answers within ten seconds, or its workflow task fails.
 */
export async function askContact<T>(
  temporal: Temporal,
  workflowId: string,
  question: () => Promise<T>,
  effect: string,
): Promise<T> {
  try {
    return await question();
  } catch (error) {
    if (!isUnanswered(error)) throw error;
    const { client, namespace } = temporal;
    const handle = client.workflow.getHandle(workflowId);
    // If the reason cannot be read, report the missing answer without it.
    const why = await taskFailure(temporal, handle).catch(() => undefined);
    const problem =
      why === undefined
        ? `No worker answered for ${workflowId} in ${namespace}.`
        : `The workflow task of ${workflowId} keeps failing: ${why}`;
    throw new UnansweredError(`TT6006  ${problem}\n        ${effect}\n        npm run worker`, {
      cause: error,
    });
  }
}
