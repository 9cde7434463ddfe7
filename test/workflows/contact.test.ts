import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { ContactPolicy } from '../../src/call/contact/policy';
import type { CallResult } from '../../src/call/api-types';
import { contactWorkflowId, readContact } from '../../src/temporal/contacts';
import { optIn, optOut } from '../../src/workflows/messages';
import { CONTACT_KEY, inputFor, startRig, until, type Rig } from '../support/rig';
import { inPhase } from '../support/steer';

const UTC = { timeZone: 'UTC' };
const NUMBERS = Array.from(
  { length: 20 },
  (_, index) => `+141555501${String(index).padStart(2, '0')}`,
);
/** Answered by the simulator, at other numbers of its range. */
let numbers = 0;
const nextNumber = () => `+1415555${String(2_000 + (numbers += 1))}`;

async function withRig<T>(
  policy: Partial<ContactPolicy>,
  use: (rig: Rig) => Promise<T>,
): Promise<T> {
  const rig = await startRig({ contactPolicy: { ...UTC, ...policy } });
  try {
    return await use(rig);
  } finally {
    await rig.stop();
  }
}

function contactOf(rig: Rig, number: string) {
  const workflowId = contactWorkflowId(CONTACT_KEY, number);
  return {
    workflowId,
    handle: rig.client.workflow.getHandle(workflowId),
    read: () => readContact(rig.client, workflowId),
  };
}

const results = (handles: readonly WorkflowHandle[]): Promise<readonly CallResult[]> =>
  Promise.all(handles.map((handle) => handle.result()));

it('serves ten runs for one person, with never two calls at a time', async () => {
  await withRig({ concurrent: 1 }, async (rig) => {
    const number = nextNumber();
    const input = inputFor(number);
    const handles = await Promise.all(Array.from({ length: 10 }, () => rig.start(input)));
    expect((await results(handles)).map(({ outcome }) => outcome)).toEqual(
      Array.from({ length: 10 }, () => 'answered'),
    );
    const { dials } = await rig.ledger();
    const times = dials.filter((dial) => dial.number === number).map(({ at }) => Date.parse(at));
    expect(times).toHaveLength(10);
    const contact = await contactOf(rig, number).read();
    expect(contact).toMatchObject({ open: [], waiting: [] });
    expect(contact.dials).toHaveLength(10);
    // The simulator's calls last 150 ms and more.
    const gaps = times
      .sort((a, b) => a - b)
      .slice(1)
      .map((at, index) => at - (times[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(100);
    expect(JSON.stringify(contact)).not.toContain(number.slice(-7));
  });
}, 120_000);
