import type { WorkflowHandle } from '@temporalio/client';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { CallResult, CallView } from '../../src/call/api-types';
import { getCall } from '../../src/workflows/messages';
import { until } from '../support/rig';
import { LOST, NO_CALL, shownCall, UNREADABLE } from '../support/scripted-vendor';
import { deliver, inPhase } from '../support/steer';
import { NUMBER, ours, QUIET, SCALE, TALKED, unclearCalls } from './support/unclear';

const { vendor, begin } = unclearCalls();

const typeOf = (error: unknown) =>
  error instanceof WorkflowUpdateFailedError ? (error.cause as { type?: string }).type : error;

/** One operator names a call. While it is read, another reports that there is none. Returns the response to the second. */
async function resolveTwice(handle: WorkflowHandle): Promise<unknown> {
  let isRead = () => undefined as unknown;
  const held = new Promise((resolve) => (isRead = () => resolve(undefined)));
  const { readCall } = vendor.client;
  const slow = jest.spyOn(vendor.client, 'readCall').mockImplementationOnce(async (id) => {
    await held;
    return readCall(id);
  });
  slow.mockClear();
  await inPhase(handle, 'unclear');
  const first = handle.executeUpdate('resolve', { args: [{ dialled: true, callId: 'call_1' }] });
  await until(async () => slow.mock.calls.length > 0);
  const second = await handle.startUpdate('resolve', {
    args: [{ dialled: false }],
    waitForStage: 'ACCEPTED',
  });
  isRead();
  await first;
  return second.result().then(() => 'accepted', typeOf);
}

describe('resolve', () => {
  it('of one attempt never closes the next one, even if two operators sent it', async () => {
    vendor.read = (id) => shownCall(id, { phoneNumber: NUMBER, record: { ...QUIET, id } });
    const handle = await begin({ redial: { maxAttempts: 2, after: { no_answer: ['1m'] } } });
    const refused = await resolveTwice(handle);
    // The second one came too late.
    expect(refused).toBe('NotNow');
    await until(async () => vendor.sent.length === 2);
    await inPhase(handle, 'unclear');
    await handle.cancel();
    expect(await handle.result()).toMatchObject({
      attempts: [
        { number: 1, outcome: 'no_answer', placedBy: 'resolve' },
        { number: 2, outcome: 'unknown', rangPhone: true },
      ],
    });
  });

  it('is still answered after a cancellation', async () => {
    const handle = await begin();
    await inPhase(handle, 'unclear');
    await handle.cancel();
    await until(async () => !(await handle.query(getCall)).can.includes('stop'));
    const view = await handle.executeUpdate<CallView, [object]>('resolve', {
      args: [{ dialled: false }],
    });
    expect(view.attempts).toMatchObject([{ number: 1, outcome: 'failed' }]);
    expect(await handle.result()).toMatchObject({ attempts: [{ learnedBy: 'resolve' }] });
  });

  it('is verified before a second one that contradicts it is taken', async () => {
    vendor.read = (id) => shownCall(id, { phoneNumber: NUMBER, record: { ...QUIET, id } });
    const handle = await begin({ redial: { maxAttempts: 2, after: { failed: ['1m'] } } });
    expect(await resolveTwice(handle)).toBe('NotNow');
    expect(await handle.result()).toMatchObject({
      outcome: 'no_answer',
      attempts: [{ number: 1, placedBy: 'resolve' }],
    });
    expect(vendor.sent).toHaveLength(1);
  });

  it('with dialled: false leads to a listing once the request has settled, before a redial', async () => {
    vendor.place = (sent) => (sent.attempt === 1 ? LOST : ours('call_2', sent.reference));
    vendor.read = (id) => shownCall(id, { phoneNumber: NUMBER, record: QUIET });
    const handle = await begin({
      completion: { mode: 'poll' },
      redial: { maxAttempts: 2, after: { failed: ['1m'] } },
    });
    await inPhase(handle, 'unclear');
    await handle.executeUpdate('resolve', { args: [{ dialled: false }] });
    await handle.result();
    const [first, second] = vendor.sent;
    // `atMs` is an estimate by the server's clock, sometimes slightly early.
    const settleMs = 90_000 / SCALE / 2;
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(settleMs);
    const lists = vendor.lists.filter(({ atMs }) => atMs <= (second?.atMs ?? 0));
    expect(lists.length).toBeGreaterThan(0);
    expect((lists[0]?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(settleMs);
  });

  it('with dialled: false is overruled by the listing: the call is followed, not dialed again', async () => {
    let reference = '';
    vendor.place = (sent) => {
      ({ reference } = sent);
      return LOST;
    };
    vendor.list = ({ offset }) => (offset === 0 ? [ours('call_1', reference)] : []);
    vendor.read = (id) => ours(id, reference, { ...TALKED, id });
    const handle = await begin({
      completion: { mode: 'poll' },
      redial: { maxAttempts: 3, after: { failed: ['1m'] } },
    });
    await inPhase(handle, 'unclear');
    await handle.executeUpdate('resolve', { args: [{ dialled: false }] });
    expect(await handle.result()).toMatchObject({
      outcome: 'answered',
      attempts: [{ number: 1, placedBy: 'listing', flags: ['dialed_after_all'] }],
    });
    expect(vendor.sent).toHaveLength(1);
  });

  it('of a call that cannot be read ends with what a delivery reports', async () => {
    vendor.read = () => UNREADABLE;
    vendor.list = () => UNREADABLE;
    const handle = await begin();
    await inPhase(handle, 'unclear');
    const update = handle.executeUpdate('resolve', { args: [{ dialled: true, callId: 'call_1' }] });
    await until(async () => vendor.reads.length > 0);
    await deliver(handle, { ids: ['call_1'], call: TALKED });
    expect(await handle.result()).toMatchObject({
      outcome: 'answered',
      attempts: [{ learnedBy: 'webhook' }],
    });
    await update.catch((error: unknown) => expect(typeOf(error)).toBe('NotNow'));
  });

  it('of a call that cannot be read ends as unknown at the deadline', async () => {
    vendor.read = () => UNREADABLE;
    vendor.list = () => UNREADABLE;
    const handle = await begin({}, 'fast');
    await inPhase(handle, 'unclear');
    const update = handle.executeUpdate('resolve', { args: [{ dialled: true, callId: 'call_1' }] });
    expect(await handle.result()).toMatchObject({ outcome: 'unknown' });
    await update.catch((error: unknown) => expect(typeOf(error)).toBe('NotNow'));
  });

  it('is answered even if the run is canceled while it is verified', async () => {
    vendor.read = () => UNREADABLE;
    const handle = await begin({}, 'fast');
    await inPhase(handle, 'unclear');
    const args = [{ dialled: true, callId: 'call_1' }] as const;
    const answer = handle.executeUpdate('resolve', { args: [...args] });
    await until(async () => vendor.reads.length > 0);
    await handle.cancel();
    expect(await answer).toMatchObject({ phase: 'unclear' });
    expect(await handle.result()).toMatchObject({ outcome: 'unknown', cancellation: 'unknown' });
  });

  it('is rejected if the call belongs to another attempt, even without a reference in the read', async () => {
    vendor.place = ({ attempt, reference }) => (attempt === 1 ? ours('call_1', reference) : LOST);
    vendor.read = (id) =>
      shownCall(id, { phoneNumber: NUMBER, record: { ...QUIET, outcome: 'busy', id } });
    const redial = { maxAttempts: 2, after: { busy: ['1m'] } };
    const handle = await begin({ redial, completion: { mode: 'poll' } }, 'fast');
    await until(async () => vendor.sent.length === 2);
    await inPhase(handle, 'unclear');
    const args = [{ dialled: true, callId: 'call_1' }] as const;
    const view = await handle.executeUpdate<CallView, [object]>('resolve', { args: [...args] });
    expect(view.attempts[1]?.callId).toBeUndefined();
    expect(await handle.result()).toMatchObject({ outcome: 'unknown' });
  });

  it('is rejected if the call carries the reference of another workflow', async () => {
    vendor.read = (id) => ours(id, 'default/call/another#1', { ...TALKED, id });
    const handle = await begin({}, 'fast');
    await inPhase(handle, 'unclear');
    const resolution = { dialled: true, callId: 'call_7' };
    await handle.executeUpdate('resolve', { args: [resolution] }).catch(() => undefined);
    expect(await handle.result()).toMatchObject({ outcome: 'unknown' });
  });
});

describe('a delivery about an unclear attempt', () => {
  it.each([
    ['only the carrier’s id', ['uv_1']],
    ['no id at all', []],
  ])('that names %s leads to the listing, which contains the call', async (_, ids) => {
    let reference = '';
    vendor.place = (sent) => {
      ({ reference } = sent);
      return LOST;
    };
    vendor.list = ({ offset }) => (offset === 0 ? [ours('call_1', reference)] : []);
    vendor.read = (id) => (id === 'call_1' ? ours(id, reference, { ...TALKED, id }) : NO_CALL);
    const handle = await begin();
    await inPhase(handle, 'unclear');
    await deliver(handle, { event: 'call.failed', ids });
    expect(await handle.result()).toMatchObject({
      outcome: 'answered',
      callId: 'call_1',
      attempts: [{ placedBy: 'listing' }],
    });
  });

  it('that names the call places it after one read, long before the listing', async () => {
    vendor.read = (id) => shownCall(id, { phoneNumber: NUMBER, record: { ...TALKED, id } });
    const handle = await begin({ placement: { settle: '1h' } });
    await inPhase(handle, 'unclear');
    await deliver(handle, { event: 'call.started', ids: ['call_1'] });
    expect(await handle.result()).toMatchObject({
      outcome: 'answered',
      attempts: [{ placedBy: 'webhook', callId: 'call_1' }],
    });
    expect(vendor.lists).toEqual([]);
  });
});

describe('a delivery about an attempt that was never sent', () => {
  const later = () => ({ notBefore: new Date(Date.now() + 2_000).toISOString() });

  it('that shows a call to another number changes nothing: the attempt is dialed on schedule', async () => {
    vendor.place = (sent) => ours('call_1', sent.reference);
    vendor.read = (id) =>
      id === 'call_9'
        ? shownCall(id, { phoneNumber: '+14155550199', record: { ...TALKED, id } })
        : shownCall(id, { phoneNumber: NUMBER, record: { ...QUIET } });
    const handle = await begin({ ...later(), completion: { mode: 'poll' } });
    await inPhase(handle, 'waiting');
    await deliver(handle, { ids: ['call_9'], call: { ...TALKED, id: 'call_9' } });
    const result = (await handle.result()) as CallResult;
    expect(result).toMatchObject({ outcome: 'no_answer', callId: 'call_1' });
    expect(vendor.sent).toHaveLength(1);
  });

  it('that has only the carrier’s id is explained by a listed call to another number', async () => {
    let reference = '';
    vendor.place = (sent) => ours('call_1', sent.reference);
    vendor.list = ({ offset }) =>
      offset === 0 ? [shownCall('call_9', { phoneNumber: '+14155550199', reference })] : [];
    vendor.read = (id) =>
      id === 'call_1' ? shownCall(id, { phoneNumber: NUMBER, record: QUIET }) : NO_CALL;
    const handle = await begin({ ...later(), completion: { mode: 'poll' } });
    reference = `default/${handle.workflowId}#1`;
    await inPhase(handle, 'waiting');
    await deliver(handle, { ids: ['uv_9'] });
    const result = (await handle.result()) as CallResult;
    expect(result).toMatchObject({ outcome: 'no_answer', callId: 'call_1' });
    expect(result.attempts[0]).not.toHaveProperty('flags');
    expect(vendor.sent).toHaveLength(1);
  });

  it('that shows a call to our number prevents the send: another run has dialed', async () => {
    vendor.read = (id) => shownCall(id, { phoneNumber: NUMBER, record: { ...TALKED, id } });
    const handle = await begin({ notBefore: new Date(Date.now() + 3_600_000).toISOString() });
    await inPhase(handle, 'waiting');
    await deliver(handle, { event: 'call.started', ids: ['call_9'] });
    expect(await handle.result()).toMatchObject({ outcome: 'answered', callId: 'call_9' });
    expect(vendor.sent).toEqual([]);
  });

  it('that cannot be verified ends as unknown, and nothing is sent', async () => {
    vendor.read = () => UNREADABLE;
    const notBefore = new Date(Date.now() + 3_600_000).toISOString();
    const handle = await begin({ notBefore }, 'fast');
    await inPhase(handle, 'waiting', 'unclear');
    await deliver(handle, { event: 'call.started', ids: ['call_9'] });
    expect(await handle.result()).toMatchObject({ outcome: 'unknown' });
    expect(vendor.sent).toEqual([]);
  });
});
