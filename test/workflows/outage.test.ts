import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { inputFor, startRig, until } from '../support/rig';
import { scriptVendor, shownCall, UNREADABLE } from '../support/scripted-vendor';
import { inPhase } from '../support/steer';

const NUMBER = '+14155550101';
const TALK = { status: 'ended', duration_seconds: 61, outcome: 'answered' } as const;
const SHORT = { call_settings: { max_duration: '60s', join_timeout: '10s' } };

/** At 1:400 a lost answer is given up 3.9 s after the request, unless a listing shows the call. */
const options = () => ({
  timeScale: 400,
  taskQueue: `outage-${randomUUID()}`,
  truedy: vendor.client,
  bridge: false,
});
const vendor = scriptVendor();

it('reads the listing where no worker ran until after the deadline', async () => {
  vendor.list = () => UNREADABLE;
  const queues = options();
  const before = await startRig(queues);
  const input = inputFor(NUMBER, { call: SHORT, placement: { settle: '90s' } });
  const { workflowId } = await before.start(input);
  const { nextAt } = await inPhase(before.client.workflow.getHandle(workflowId), 'unclear');
  await before.stop();
  expect(nextAt).toBeDefined();
  const [sent] = vendor.sent;
  await until(async () => Date.now() > (sent?.atMs ?? 0) + 4_500);

  const reference = sent?.reference ?? '';
  const shown = shownCall('call_1', { phoneNumber: NUMBER, reference, record: TALK });
  vendor.list = ({ offset }) => (offset === 0 ? [shown] : []);
  vendor.read = () => shown;
  const after = await startRig(queues);
  try {
    const result = await after.client.workflow.getHandle(workflowId).result();
    expect(result).toMatchObject({ outcome: 'answered', callId: 'call_1' });
  } finally {
    await after.stop();
  }
});

it('polls again where a poll ended without an answer', async () => {
  const ringing = shownCall('call_2', { phoneNumber: NUMBER, record: { status: 'ringing' } });
  vendor.place = () => ringing;
  vendor.read = () => ringing;
  const rig = await startRig({ ...options(), timeScale: 100 });
  try {
    const handle = await rig.start(inputFor(NUMBER, { call: SHORT, completion: { mode: 'poll' } }));
    const failure = ApplicationFailure.nonRetryable('An operator failed it');
    await until(async () => {
      const { raw, workflowId } = await handle.describe();
      const activityId = raw.pendingActivities?.find(
        ({ activityType }) => activityType?.name === 'readCall',
      )?.activityId;
      if (activityId == null) return undefined;
      // The activity may have completed in the meantime.
      const failed = rig.client.activity.fail({ workflowId, activityId }, failure);
      return failed.then(
        () => true,
        () => false,
      );
    });
    vendor.read = () => shownCall('call_2', { phoneNumber: NUMBER, record: TALK });
    expect(await handle.result()).toMatchObject({ outcome: 'answered', callId: 'call_2' });
  } finally {
    await rig.stop();
  }
});
