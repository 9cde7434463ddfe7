import type { MayDial } from '../../src/activities';
import { record } from '../call/support/records';
import { inputFor, startRig, until, type Rig } from '../support/rig';
import { scriptVendor, shownCall } from '../support/scripted-vendor';

/** A dial check that fails for days, at 1:1000: the phase that is shown, and the length of the history. */
const NUMBER = '+14155550101';

let rig: Rig;
let mayDial: MayDial;
const vendor = scriptVendor();

beforeAll(async () => {
  rig = await startRig({
    timeScale: 1_000,
    requestsPerMinute: 60_000,
    truedy: vendor.client,
    mayDial: (dial) => mayDial(dial),
  });
});

afterAll(async () => {
  await rig.stop();
});

describe('a dial check that fails', () => {
  it('shows the run as held, and nothing is sent', async () => {
    mayDial = () => Promise.reject(new Error('down'));
    const handle = await rig.start(inputFor(NUMBER));
    const held = await until(async () => {
      const view = await rig.view(handle).catch(() => undefined);
      return view?.phase === 'held' && view;
    });
    expect(held.because).toContain('the dial check failed');
    expect(held.can).toContain('redialNow');
    await handle.executeUpdate('stop', { args: [{}] });
    expect(await handle.result()).toMatchObject({ outcome: 'cancelled', attempts: [] });
    expect(vendor.sent).toEqual([]);
  });
});

describe('a run with a long history', () => {
  it('continues as new between sends, with rescheduled limits, and dials once', async () => {
    mayDial = () => Promise.reject(new Error('down'));
    vendor.place = ({ reference }) => shownCall('call_1', { phoneNumber: NUMBER, reference });
    vendor.read = (id) =>
      shownCall(id, {
        phoneNumber: NUMBER,
        record: record({ id, status: 'ended', duration_seconds: 9 }),
      });
    const handle = await rig.start(
      inputFor(NUMBER, { completion: { mode: 'poll', pollEvery: '5s' } }),
    );
    const held = () =>
      until(async () => {
        const view = await rig.view(handle).catch(() => undefined);
        return view?.phase === 'held' && view;
      });
    await held();
    const { runId } = await handle.describe();
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    await handle.executeUpdate('reschedule', { args: [{ expiresAt }] });
    // The server suggests to continue as new at 4 MiB of history. Events that match no attempt are ignored.
    const stray = { event: 'stray', ids: [], receivedAt: '', note: 'x'.repeat(1_500_000) };
    for (let one = 0; one < 4; one += 1) await handle.signal('callEvent', stray);
    await until(async () => (await handle.describe()).runId !== runId);
    const { attempts, can } = await held();
    expect({ attempts, can }).toMatchObject({
      attempts: [],
      can: ['redialNow', 'reschedule', 'stop'],
    });
    const { events } = await handle.fetchHistory();
    const started = events?.[0]?.workflowExecutionStartedEventAttributes;
    const carried = JSON.parse(Buffer.from(started?.input?.payloads?.[1]?.data ?? '{}').toString());
    expect(carried.limits).toEqual({ expiresAtMs: Date.parse(expiresAt) });
    mayDial = () => Promise.resolve('yes');
    expect(await handle.result()).toMatchObject({ outcome: 'answered', attempts: [{ number: 1 }] });
    expect(vendor.sent).toHaveLength(1);
  });
});
