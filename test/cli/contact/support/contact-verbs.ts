import { contactWorkflowId, readContact } from '../../../../src/temporal/contacts';
import { CONTACT_KEY, type Rig } from '../../../support/rig';
import { command, type Ran } from '../../support/command';

let numbers = 0;

/** A number of a person who is not known yet. The simulator answers it. */
export function nextNumber(): string {
  numbers += 1;
  return `+1415555${3_000 + numbers}`;
}

/** Runs a verb of `contact` with the settings of a rig. Its output never contains a number in full. */
export function contactVerbs(rig: Rig, settings: Readonly<Record<string, string>> = {}) {
  return async (...args: readonly string[]): Promise<Ran> => {
    const ran = await command(['contact', ...args], {
      TRUEDY_CONTACT_KEY: CONTACT_KEY,
      TRUEDY_TASK_QUEUE: rig.taskQueue,
      TEMPORAL_NAMESPACE: rig.client.options.namespace,
      ...settings,
    });
    expect(`${ran.stdout}${ran.stderr}`).not.toMatch(/4155553\d{3}/);
    return ran;
  };
}

/** The contact workflow of a number. */
export function contactOf(rig: Rig, number: string) {
  const workflowId = contactWorkflowId(CONTACT_KEY, number);
  return {
    workflowId,
    handle: rig.client.workflow.getHandle(workflowId),
    read: () => readContact(rig.client, workflowId),
  };
}
