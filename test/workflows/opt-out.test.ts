import { randomUUID } from 'node:crypto';
import type { CallRecord } from '../../src/call/call-record';
import { contactWorkflowId, readContact } from '../../src/temporal/contacts';
import { record } from '../call/support/records';
import { CONTACT_KEY, inputFor, startRig, until, type Rig, type RigOptions } from '../support/rig';
import { deliver, hangUp, inPhase, PATIENT, UNTIL_HANG_UP } from '../support/steer';

const POLICY = { timeZone: 'UTC', concurrent: 2 };
const REDIAL = { maxAttempts: 3, after: { no_answer: ['30d'] } };
/** The phone is not answered, and Truedy's word means an opt-out. */
const DO_NOT_CALL = { phone: 'no_answer', outcome: 'do_not_call' };

let numbers = 0;
/** Without digits, which could look like a phone number and be masked. */
const newId = () => `call/${randomUUID().replace(/\d/g, 'x')}`;
const nextNumber = () => `+1415555${String(4_000 + (numbers += 1))}`;

async function withRig<T>(options: RigOptions, use: (rig: Rig) => Promise<T>): Promise<T> {
  const rig = await startRig(options);
  try {
    return await use(rig);
  } finally {
    await rig.stop();
  }
}

const contactOf = (rig: Rig, number: string) =>
  readContact(rig.client, contactWorkflowId(CONTACT_KEY, number)).catch(() => undefined);
const handleOfContact = (rig: Rig, number: string) =>
  rig.client.workflow.getHandle(contactWorkflowId(CONTACT_KEY, number));
const ended = (told: Partial<CallRecord>) =>
  record({ status: 'ended', duration_seconds: 0, outcome: 'no_answer', ...told });

it('opts the person out if Truedy reports an opt-out as the outcome of a call', async () => {
  await withRig({ contactPolicy: POLICY }, async (rig) => {
    const number = nextNumber();
    await rig.plan({ defaults: DO_NOT_CALL });
    const handle = await rig.start(inputFor(number, { redial: REDIAL }), newId());
    const result = await handle.result();
    expect(result).toMatchObject({
      outcome: 'no_answer',
      attempts: [{ number: 1, flags: ['opted_out'] }],
      call: { outcome: 'do_not_call' },
    });
    expect(await contactOf(rig, number)).toMatchObject({
      open: [],
      dials: [{ outcome: 'no_answer' }],
      optOuts: [{ reason: `outcome of default/${handle.workflowId}#1` }],
    });
    const next = await rig.start(inputFor(number));
    expect(await next.result()).toEqual({
      outcome: 'suppressed',
      reason: 'opted_out',
      attempts: [],
    });
    expect((await rig.seen(next)).posts).toEqual([]);
  });
});

it('only flags the attempt without a policy, which ends the redials and adds no event', async () => {
  const eventsOf = async (rig: Rig, rest: object) => {
    await rig.plan({ defaults: UNTIL_HANG_UP });
    const handle = await rig.start(inputFor(nextNumber(), { ...PATIENT, ...rest }));
    await hangUp(rig, handle, { outcome: 'do_not_call' });
    return { result: await handle.result(), events: await rig.eventsWithoutTasks(handle) };
  };
  const unflagged = await withRig({ optOutOutcomes: [] }, (rig) => eventsOf(rig, {}));
  const flagged = await withRig({}, (rig) => eventsOf(rig, { redial: REDIAL }));
  expect(unflagged.result.attempts[0]).not.toHaveProperty('flags');
  expect(flagged.result).toMatchObject({
    outcome: 'no_answer',
    attempts: [{ flags: ['opted_out'] }],
  });
  expect(flagged.events).toEqual(unflagged.events);
});

it('adds no event to the report of the end', async () => {
  await withRig({ contactPolicy: POLICY }, async (rig) => {
    const counts = [];
    for (const outcome of ['no_answer', 'do_not_call']) {
      const number = nextNumber();
      await rig.plan({ defaults: UNTIL_HANG_UP });
      const handle = await rig.start(inputFor(number, PATIENT));
      await hangUp(rig, handle, { outcome });
      await handle.result();
      const both = [handle, handleOfContact(rig, number)];
      counts.push(await Promise.all(both.map((one) => rig.eventsWithoutTasks(one))));
    }
    expect(counts[1]).toEqual(counts[0]);
  });
});

it('records the opt-out although the contact workflow was terminated during the call', async () => {
  await withRig({ contactPolicy: POLICY }, async (rig) => {
    const number = nextNumber();
    await rig.plan({ defaults: { phone: 'stuck_in_progress' } });
    const handle = await rig.start(inputFor(number));
    await inPhase(handle, 'in_progress');
    await handleOfContact(rig, number).terminate();
    await deliver(handle, { call: ended({ outcome: 'do_not_call' }) });
    expect(await handle.result()).toMatchObject({ attempts: [{ flags: ['opted_out'] }] });
    expect(await contactOf(rig, number)).toMatchObject({ dials: [{}], optOuts: [{}] });
  });
});

it('counts a delivery that reports the opt-out after the call ended with another outcome', async () => {
  await withRig({ contactPolicy: POLICY }, async (rig) => {
    const number = nextNumber();
    await rig.plan({ defaults: { phone: 'no_answer' } });
    const handle = await rig.start(inputFor(number, { redial: REDIAL }), newId());
    await inPhase(handle, 'redial_wait');
    expect(await contactOf(rig, number)).toMatchObject({ dials: [{}], optOuts: [] });
    await deliver(handle, { call: ended({ outcome: 'do_not_call' }) });
    const { attempts } = await handle.result();
    expect(attempts).toMatchObject([{ number: 1, flags: ['opted_out'] }]);
    expect(await contactOf(rig, number)).toMatchObject({
      dials: [{}],
      optOuts: [{ reason: `outcome of default/${handle.workflowId}#1` }],
    });
  });
});

it('repeats the report of an opt-out until a worker can send it', async () => {
  const options = { timeScale: 10, taskQueue: `test-${randomUUID()}` };
  const number = nextNumber();
  const handle = await withRig({ ...options, contactPolicy: POLICY }, async (rig) => {
    await rig.plan({ defaults: { phone: 'stuck_in_progress' } });
    const started = await rig.start(inputFor(number));
    await inPhase(started, 'in_progress');
    return started;
  });
  await withRig(options, async (rig) => {
    const same = rig.client.workflow.getHandle(handle.workflowId);
    await deliver(same, { call: ended({ outcome: 'do_not_call' }) });
    const view = await until(async () => {
      const now = await rig.view(same);
      return now.because.includes('could not be recorded yet') && now;
    });
    expect(view.nextAt).toBeDefined();
  });
  await withRig({ ...options, contactPolicy: POLICY }, async (rig) => {
    await rig.client.workflow.getHandle(handle.workflowId).result();
    expect(await contactOf(rig, number)).toMatchObject({ dials: [{}], optOuts: [{}] });
  });
}, 120_000);

it('shows the text of the dial check as the reason of a suppressed call', async () => {
  const mayDial = () => Promise.resolve({ no: 'on our list' });
  await withRig({ mayDial }, async (rig) => {
    const result = await rig.run(inputFor(nextNumber()));
    expect(result).toEqual({ outcome: 'suppressed', reason: 'on our list', attempts: [] });
  });
});
