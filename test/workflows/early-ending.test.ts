import { randomUUID } from 'node:crypto';
import type { MayDial } from '../../src/activities';
import { numberDigest } from '../../src/truedy/number-digest';
import { callEvent, WORKFLOW_TYPE } from '../../src/workflows/messages';
import { record } from '../call/support/records';
import { inputFor, startRig, until, type Rig } from '../support/rig';
import { TruedyResponseError } from '../../src/truedy/errors';
import { NO_CALL, scriptVendor, shownCall } from '../support/scripted-vendor';
import { deliver, inPhase } from '../support/steer';

/** Deliveries about attempts whose request has not been sent yet, at 1:100. */
const NUMBER = '+14155550101';
const vendor = scriptVendor();

let rig: Rig;
let mayDial: MayDial;

beforeAll(async () => {
  rig = await startRig({ truedy: vendor.client, mayDial: (dial) => mayDial(dial) });
});

afterAll(async () => {
  await rig.stop();
});

it('withdraws a request that was not sent before the next attempt is dialed', async () => {
  let release = () => undefined as void;
  const isHeld = new Promise<void>((resolve) => (release = resolve));
  let asked = 0;
  mayDial = async ({ attempt }) => {
    asked += 1;
    if (attempt === 1) await isHeld;
    return 'yes';
  };
  vendor.place = ({ attempt, reference }) =>
    shownCall(`call_${attempt}`, { phoneNumber: NUMBER, reference });
  vendor.read = (id) =>
    shownCall(id, { phoneNumber: NUMBER, record: { status: 'ended', duration_seconds: 9 } });
  const handle = await rig.start(
    inputFor(NUMBER, {
      completion: { mode: 'poll', pollEvery: '5s' },
      redial: { maxAttempts: 2, after: { busy: ['1m'] } },
    }),
  );
  await inPhase(handle, 'placing');
  await until(async () => asked > 0);
  const busy = record({ id: 'call_9', status: 'ended', duration_seconds: 0, outcome: 'busy' });
  await deliver(handle, { ids: ['call_9'], call: busy });
  await until(async () => (await rig.events(handle)).includes('ACTIVITY_TASK_CANCEL_REQUESTED'));
  release();
  expect(await handle.result()).toMatchObject({
    outcome: 'answered',
    attempts: [{ outcome: 'busy', callId: 'call_9' }, { outcome: 'answered' }],
  });
  expect(vendor.sent.map(({ attempt }) => attempt)).toEqual([2]);
});

it('verifies the call that a delivery names before it accepts that the request was rejected', async () => {
  let release = () => undefined as void;
  const isHeld = new Promise<void>((resolve) => (release = resolve));
  let asked = 0;
  mayDial = async () => {
    asked += 1;
    await isHeld;
    return 'yes';
  };
  vendor.place = () => new TruedyResponseError('POST /calls', 422);
  vendor.read = (id) =>
    shownCall(id, { phoneNumber: NUMBER, record: { status: 'ended', duration_seconds: 9 } });
  const handle = await rig.start(inputFor(NUMBER, { completion: { mode: 'poll' } }));
  await until(async () => asked > 0);
  await deliver(handle, { event: 'call.started', ids: ['call_9'] });
  release();
  expect(await handle.result()).toMatchObject({
    outcome: 'answered',
    attempts: [{ callId: 'call_9', placedBy: 'webhook' }],
  });
});

it('is not delayed by a call to another number with its reference, even if reported at the start', async () => {
  mayDial = async () => 'yes';
  vendor.sent.length = 0;
  vendor.place = ({ reference }) => shownCall('call_1', { phoneNumber: NUMBER, reference });
  vendor.read = (id) =>
    id === 'call_9'
      ? NO_CALL
      : shownCall(id, { phoneNumber: NUMBER, record: { status: 'ended', duration_seconds: 9 } });
  const workflowId = `call/${randomUUID()}`;
  const copy = {
    event: 'call.ended',
    attempt: 1,
    ids: ['call_9'],
    callId: 'call_9',
    receivedAt: '',
    numberDigest: numberDigest({ namespace: 'default', workflowId }, '+14155550102'),
    call: record({ id: 'call_9', status: 'ended', duration_seconds: 61, outcome: 'answered' }),
  };
  const handle = await rig.client.workflow.signalWithStart(WORKFLOW_TYPE, {
    taskQueue: rig.taskQueue,
    workflowId,
    args: [inputFor(NUMBER, { completion: { mode: 'poll', pollEvery: '5s' } })],
    signal: callEvent,
    signalArgs: [copy],
  });
  expect(await handle.result()).toMatchObject({
    outcome: 'answered',
    attempts: [{ callId: 'call_1', placedBy: 'response' }],
  });
  expect(vendor.sent).toHaveLength(1);
});
