import type { WorkflowHandle } from '@temporalio/client';
import type { CallView } from '../../src/call/api-types';
import { record } from '../call/support/records';
import { deliver, inPhase } from '../support/steer';
import { inputFor, startRig, until, type Rig } from '../support/rig';
import { LOST, scriptVendor, shownCall, type ScriptedVendor } from '../support/scripted-vendor';

/** Events between two attempts, at 1:100: a plain `failed` is read once more after 0.9 s. */
const NUMBER = '+14155550101';
const SHORT = {
  call: { call_settings: { max_duration: '60s', join_timeout: '10s' } },
  placement: { settle: '90s' },
};

let vendor: ScriptedVendor;
let rig: Rig;
let fast: Rig;

beforeAll(async () => {
  vendor = scriptVendor();
  rig = await startRig({ timeScale: 100, truedy: vendor.client });
  fast = await startRig({ timeScale: 400, truedy: vendor.client });
});

afterAll(async () => {
  await rig.stop();
  await fast.stop();
});

beforeEach(() => {
  const fresh = scriptVendor();
  Object.assign(vendor, { place: fresh.place, read: fresh.read, list: fresh.list });
  for (const log of [vendor.sent, vendor.reads, vendor.lists]) log.length = 0;
});

const callOf = (attempt: number) => `call_${attempt}`;

function begin(
  rest: Parameters<typeof inputFor>[1] = {},
  place: ScriptedVendor['place'] = ({ attempt, reference }) =>
    shownCall(callOf(attempt), { phoneNumber: NUMBER, reference }),
): Promise<WorkflowHandle> {
  vendor.place = place;
  return rig.start(inputFor(NUMBER, { ...SHORT, ...rest }));
}

const ended = (attempt: number, told: object = {}) =>
  record({ id: callOf(attempt), status: 'ended', duration_seconds: 0, ...told });
const shows = (told: object) => (id: string) =>
  shownCall(id, { phoneNumber: NUMBER, record: { ...told, id } });

const IN_A_MONTH = { redial: { maxAttempts: 3, after: { no_answer: ['30d'], failed: ['30d'] } } };
const IN_A_MINUTE = { redial: { maxAttempts: 3, after: { no_answer: ['1m'], failed: ['1m'] } } };

describe('between two attempts', () => {
  it('a delivery that reports the last call as answered prevents the redial, and is flagged', async () => {
    const handle = await begin(IN_A_MONTH);
    await inPhase(handle, 'queued');
    await deliver(handle, { call: ended(1) });
    await inPhase(handle, 'redial_wait');
    await deliver(handle, { call: ended(1, { duration_seconds: 90 }) });
    expect(await handle.result()).toMatchObject({
      outcome: 'no_answer',
      attempts: [{ number: 1, outcome: 'no_answer', flags: ['contradicted'] }],
    });
    expect(vendor.sent).toHaveLength(1);
  });

  it('a live call that an operator reported as not dialed is followed to its end', async () => {
    const handle = await begin(IN_A_MONTH, () => LOST);
    await inPhase(handle, 'unclear');
    await handle.executeUpdate('resolve', { args: [{ dialled: false }] });
    await until(async () => (await rig.view(handle)).attempt === 2);
    vendor.read = shows({ status: 'in_progress' });
    await deliver(handle, { event: 'call.joined', ids: ['call_1'] });
    await inPhase(handle, 'in_progress');
    await deliver(handle, { call: ended(1, { duration_seconds: 90 }) });
    expect(await handle.result()).toMatchObject({
      outcome: 'answered',
      attempts: [{ number: 1, placedBy: 'webhook', flags: ['dialed_after_all'] }],
    });
    expect(vendor.sent).toHaveLength(1);
  });

  it('a call that is reported as answered while its failure is confirmed prevents the redial', async () => {
    vendor.read = shows({ status: 'failed' });
    const handle = await begin({ ...IN_A_MINUTE, placement: { settle: '10m' } });
    await inPhase(handle, 'queued');
    await deliver(handle, { event: 'call.failed', call: ended(1, { status: 'failed' }) });
    await inPhase(handle, 'redial_wait');
    await deliver(handle, { call: ended(1, { duration_seconds: 90 }) });
    expect(await handle.result()).toMatchObject({ attempts: [{ flags: ['contradicted'] }] });
    expect(vendor.sent).toHaveLength(1);
  });

  it('the outcome failed is not trusted: the call is read once more before a redial', async () => {
    vendor.read = (id) =>
      shows(
        id === 'call_1'
          ? { status: 'failed', outcome: 'failed' }
          : { status: 'ended', duration_seconds: 9 },
      )(id);
    const handle = await begin({ ...IN_A_MINUTE, completion: { mode: 'poll', pollEvery: '5s' } });
    expect(await handle.result()).toMatchObject({ outcome: 'answered' });
    const [first, second] = vendor.sent;
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThan(90_000 / 100 / 2);
    expect(vendor.reads.filter((id) => id === 'call_1').length).toBeGreaterThanOrEqual(2);
  });

  it('a cancellation during the last read prevents the redial: nothing is live', async () => {
    vendor.read = shows({ status: 'failed' });
    const rest = { placement: { settle: '10m' }, completion: { mode: 'poll', pollEvery: '5s' } };
    const handle = await begin({ ...IN_A_MINUTE, ...rest } as typeof IN_A_MINUTE);
    await inPhase(handle, 'redial_wait');
    await handle.cancel();
    expect(await handle.result()).toMatchObject({
      outcome: 'cancelled',
      cancellation: 'prevented',
      attempts: [{ outcome: 'failed' }],
    });
    expect(vendor.sent).toHaveLength(1);
  });

  it('redialNow during the last read redials immediately after it', async () => {
    vendor.read = (id) =>
      shows(id === 'call_1' ? { status: 'failed' } : { status: 'ended', duration_seconds: 9 })(id);
    const handle = await begin({
      ...IN_A_MONTH,
      completion: { mode: 'poll', pollEvery: '5s' },
      placement: { settle: '5m' },
    });
    await inPhase(handle, 'redial_wait');
    const view = await handle.executeUpdate<CallView, []>('redialNow');
    expect(view.phase).toBe('redial_wait');
    expect(await handle.result()).toMatchObject({ outcome: 'answered' });
    expect(vendor.sent).toHaveLength(2);
  });

  it('reschedule during the last read sets the time of the redial', async () => {
    vendor.read = shows({ status: 'failed' });
    const handle = await begin({
      ...IN_A_MONTH,
      completion: { mode: 'poll', pollEvery: '5s' },
      placement: { settle: '5m' },
    });
    await inPhase(handle, 'redial_wait');
    const notBefore = new Date(Date.now() + 3_600_000).toISOString();
    await handle.executeUpdate('reschedule', { args: [{ notBefore }] });
    const waiting = await until(async () => {
      const view = await rig.view(handle);
      return view.attempt === 2 && view.nextAt !== undefined && view;
    });
    expect(waiting.nextAt).toBe(notBefore);
    await handle.executeUpdate('stop', { args: [{}] });
    await handle.result();
    expect(vendor.sent).toHaveLength(1);
  });
});

/** A read that came immediately after the delivery would be far earlier, even on a busy machine. */
const SETTLE_MS = 300_000 / 100;
const tookMs = () => Date.now() - (vendor.sent[0]?.atMs ?? 0);

const saysFailed: ScriptedVendor['place'] = ({ reference }) =>
  shownCall('call_1', { phoneNumber: NUMBER, reference, record: { status: 'failed' } });

describe('a call that the response to its request reported as failed', () => {
  it('is not read before it has settled, even if a delivery asks for it', async () => {
    const handle = await begin({ placement: { settle: '5m' } }, saysFailed);
    vendor.read = shows({ status: 'ended', duration_seconds: 9 });
    await inPhase(handle, 'queued');
    await deliver(handle, { event: 'call.failed', ids: ['call_1'] });
    expect(await handle.result()).toMatchObject({ outcome: 'answered' });
    expect(tookMs()).toBeGreaterThan(SETTLE_MS / 2);
  });
});

describe('a call that the response to its request reported as failed, in mode poll', () => {
  it('is not read before it has settled, even if a delivery asks while the poll waits', async () => {
    const rest = { placement: { settle: '5m' }, completion: { mode: 'poll' } } as const;
    const handle = await begin(rest, saysFailed);
    vendor.read = shows({ status: 'ended', duration_seconds: 9 });
    await inPhase(handle, 'queued');
    await deliver(handle, { event: 'call.failed', ids: ['call_1'] });
    expect(await handle.result()).toMatchObject({ outcome: 'answered' });
    expect(tookMs()).toBeGreaterThan(SETTLE_MS / 2);
  });
});

describe('a read that is older than a delivery', () => {
  it('adds nothing to history, however often it repeats the earlier status', async () => {
    vendor.read = shows({ status: 'ringing' });
    const handle = await begin({ completion: { grace: '1h', pollEvery: '5s' } });
    await inPhase(handle, 'queued');
    await deliver(handle, { event: 'call.joined' });
    // An ending without a record triggers reads, which start from the status that the first delivery reported.
    await deliver(handle, { event: 'call.ended' });
    await until(async () => vendor.reads.length >= 4);
    const events = (await rig.events(handle)).filter((one) => one === 'ACTIVITY_TASK_SCHEDULED');
    expect(events).toHaveLength(2);
    await deliver(handle, { call: ended(1, { duration_seconds: 9 }) });
    expect(await handle.result()).toMatchObject({ outcome: 'answered' });
  });

  it('does not end a call at the shorter deadline once a delivery reported it in progress', async () => {
    vendor.read = shows({ status: 'ringing' });
    const short = { max_duration: '60s', join_timeout: '10s' };
    const input = inputFor(NUMBER, {
      call: { call_settings: short },
      completion: { mode: 'poll', pollEvery: '5s' },
    });
    vendor.place = ({ reference }) => shownCall('call_1', { phoneNumber: NUMBER, reference });
    const handle = await fast.start(input);
    await inPhase(handle, 'ringing');
    await deliver(handle, { event: 'call.joined' });
    // 25 min, join_timeout and max_duration.
    const deadlineMs = (1_570 * 1_000) / 400;
    await until(async () => tookMs() > deadlineMs + 1_000);
    await deliver(handle, { call: ended(1, { duration_seconds: 9 }) });
    expect(await handle.result()).toMatchObject({ outcome: 'answered' });
  });
});
