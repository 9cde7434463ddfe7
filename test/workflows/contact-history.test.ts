import { randomUUID } from 'node:crypto';
import { NEW_CONTACT, type Contact, type ContactAsk } from '../../src/call/contact/contact';
import {
  CONTACT_WORKFLOW_TYPE,
  getContact,
  optOut,
  releaseContact,
  reserveContact,
} from '../../src/workflows/messages';
import { recordHistory } from '../support/histories';
import { inputFor, startRig, until, type Rig } from '../support/rig';
import { hangUp, inPhase, UNTIL_HANG_UP } from '../support/steer';

/** One person for a long time: the workflow of the person continues as new, and asks come in any order. */
let rig: Rig;

beforeAll(async () => {
  rig = await startRig({ contactPolicy: { concurrent: 1, timeZone: 'UTC' } });
});

afterAll(() => rig.stop());

async function startContact(carried?: Contact) {
  const workflowId = `contact/${randomUUID().replaceAll('-', '')}`;
  await rig.client.workflow.start(CONTACT_WORKFLOW_TYPE, {
    workflowId,
    taskQueue: rig.taskQueue,
    args: carried === undefined ? [] : [carried],
  });
  // Without a run id: the newest run.
  const handle = rig.client.workflow.getHandle(workflowId);
  return {
    handle,
    read: () => handle.query(getContact),
    ask: (reference: string, changes: Partial<ContactAsk> = {}) =>
      handle.executeUpdate(reserveContact, { args: [askOf(reference, changes)] }),
    release: (reference: string, sendByMs?: number) =>
      handle.signal(releaseContact, { reference, ...(sendByMs !== undefined && { sendByMs }) }),
    confirm: (reference: string) => {
      const nowMs = Date.now();
      const ended = { dialed: true, outcome: 'busy', placedMs: nowMs, endedMs: nowMs } as const;
      return handle.signal(releaseContact, { reference, ...ended });
    },
    runId: async () => (await handle.describe()).runId,
  };
}

const referenceOf = (name: string) => `default/call/${name}#1`;

function askOf(name: string, changes: Partial<ContactAsk>): ContactAsk {
  return {
    reference: referenceOf(name),
    sendByMs: Date.now() + 30_000,
    leaseMs: 3_600_000,
    days: [],
    weeks: [],
    limits: {},
    askAgainMs: 300_000,
    ...changes,
  };
}

it('reserves nothing for a question that arrives after the end of its attempt', async () => {
  const contact = await startContact();
  await contact.release(referenceOf('a'));
  expect(await contact.ask('a')).toMatchObject({ kind: 'late' });
  const sendByMs = Date.now() + 30_000;
  await contact.release(referenceOf('b'), sendByMs);
  expect(await contact.ask('b', { sendByMs })).toMatchObject({ kind: 'late' });
  expect(await contact.ask('b', { sendByMs: sendByMs + 1 })).toMatchObject({ kind: 'reserved' });
  expect((await contact.read()).open).toMatchObject([{ reference: referenceOf('b') }]);
});

/** In four lanes: the server refuses more than ten updates of one run at the same time. */
async function askAll<T>(names: readonly string[], ask: (name: string) => Promise<T>) {
  const answers: T[] = [];
  const rest = names.values();
  const lane = async () => {
    for (const name of rest) answers.push(await ask(name));
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
  return answers;
}

it('continues as new with everything it knows, and loses no question meanwhile', async () => {
  const contact = await startContact();
  await contact.ask('live', { limits: { concurrent: 2 } });
  await contact.ask('ended');
  await contact.confirm(referenceOf('ended'));
  await contact.ask('waiting', { limits: { concurrent: 1 } });
  const before = await contact.read();
  expect(before).toMatchObject({ open: [{}], dials: [{ outcome: 'busy' }], waiting: [{}] });
  const first = await contact.runId();
  // The server suggests to continue as new at 4 MiB of history. An unknown signal is ignored.
  const stray = 'x'.repeat(1_500_000);
  const names = Array.from({ length: 60 }, (_, index) => `new-${index}`);
  const [answers] = await Promise.all([
    askAll(names, contact.ask),
    Promise.all([1, 2, 3, 4].map(() => contact.handle.signal('stray', stray))),
  ]);
  expect(new Set(answers.map(({ kind }) => kind))).toEqual(new Set(['reserved']));
  await until(async () => (await contact.runId()) !== first);
  const after = await contact.read();
  expect({ ...after, open: [] }).toEqual({ ...before, open: [] });
  const references = after.open.map(({ reference }) => reference);
  expect(new Set(references)).toEqual(new Set([...names, 'live'].map(referenceOf)));
  expect(references).toHaveLength(names.length + 1);
  expect(after.open).toContainEqual(before.open[0]);
  // The same attempt is still counted once.
  await contact.ask('live');
  await contact.confirm(referenceOf('ended'));
  const last = await contact.read();
  expect(last.dials).toHaveLength(1);
  expect(last.open).toHaveLength(after.open.length);
});

it('keeps an opt-out when it continues as new', async () => {
  const contact = await startContact();
  await contact.handle.executeUpdate(optOut, { args: [{ reason: 'asked by email' }] });
  const first = await contact.runId();
  for (let one = 0; one < 4; one += 1) await contact.handle.signal('stray', 'x'.repeat(1_500_000));
  await until(async () => (await contact.runId()) !== first);
  expect(await contact.ask('a')).toMatchObject({ kind: 'opted_out' });
});

it('forgets dials older than 400 days', async () => {
  const old = Date.now() - 401 * 24 * 3_600_000;
  const dial = { reference: referenceOf('old'), fromMs: old, toMs: old, days: [], weeks: [] };
  const contact = await startContact({ ...NEW_CONTACT, dials: [dial] });
  expect(await contact.read()).toEqual(NEW_CONTACT);
  const limits = { perDay: 1, perWeek: 1, minGapMs: 24 * 3_600_000 };
  expect(await contact.ask('new', { limits })).toMatchObject({ kind: 'reserved' });
});

it('has a history that replays', async () => {
  const contact = await startContact();
  const limits = { concurrent: 1 };
  await contact.ask('first', { limits });
  await contact.ask('second', { limits });
  await contact.ask('third', { limits });
  // Wakes runs that do not exist, which lose their places.
  await contact.confirm(referenceOf('first'));
  await until(async () => (await contact.read()).waiting.length === 0);
  await contact.ask('fourth', { limits });
  await contact.release(referenceOf('fourth'));
  await contact.handle.executeUpdate(optOut, { args: [{ reason: 'asked by email' }] });
  await contact.ask('fifth', { limits });
  await recordHistory('contact', () => rig.historyJson(contact.handle));
  const events = await rig.events(contact.handle);
  expect(events).toContain('SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED');
});

it('is asked again by a call that it wakes, whose history replays', async () => {
  const number = '+14155552901';
  await rig.plan({ numbers: { [number]: UNTIL_HANG_UP } });
  const live = await rig.start(inputFor(number));
  await inPhase(live, 'queued', 'ringing', 'in_progress');
  await rig.plan({ numbers: { [number]: {} } });
  const waiting = await rig.start(inputFor(number));
  await inPhase(waiting, 'waiting');
  await hangUp(rig, live);
  expect(await waiting.result()).toMatchObject({ outcome: 'answered', attempts: [{ number: 1 }] });
  await recordHistory('contact-limit', () => rig.historyJson(waiting));
  expect(await rig.events(waiting)).toContain('WORKFLOW_EXECUTION_SIGNALED');
});
