import type { Client } from '@temporalio/client';
import { invalidInput } from '../activities/invalid-input';
import { currentEnvironment } from '../runtime/process';
import { readContactKey } from '../runtime/config';
import { recordOptOut } from '../temporal/contacts';
import { readStarterSettings } from './start-call';

/**
 * Forbids every call to a person, on workers with a contact policy. Waiting calls end as `suppressed`. A call that is
 * already placed is not affected.
 *
 * @param phoneNumber E.164, such as +14155550101.
 * @param options.reason Stored with the time of the opt-out, in the history of the person's contact workflow.
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
  if (!/^\+[1-9]\d{6,14}$/.test(phoneNumber)) {
    throw invalidInput([{ path: 'phoneNumber', problem: 'is not E.164, such as +14155551234' }]);
  }
  const env = currentEnvironment();
  const key = options.key ?? readContactKey(env);
  const taskQueue = options.taskQueue ?? readStarterSettings(env).taskQueue;
  await recordOptOut(client, { key, phoneNumber, taskQueue }, options.reason);
}
