import { errors } from 'undici';
import { TruedyNetworkError } from '../../src/truedy/errors';
import { LOST, shownCall, UNREADABLE } from '../support/scripted-vendor';
import { deliver, inPhase } from '../support/steer';
import { NUMBER, ours, QUIET, TALKED, unclearCalls } from './support/unclear';

const { vendor, begin } = unclearCalls();

describe('the listing of an unclear attempt', () => {
  it('yields the oldest of two calls once it is complete, and a flag', async () => {
    let reference = '';
    vendor.place = (sent) => {
      if (sent.attempt > 1) return ours('call_second', sent.reference);
      ({ reference } = sent);
      return LOST;
    };
    const at = (minute: number) => ({
      created_at: new Date(Date.now() - minute * 60_000).toISOString(),
    });
    const pages = [
      () => [ours('call_twin', reference, at(1))],
      () => [ours('call_first', reference, at(2))],
      () => [],
    ];
    vendor.list = ({ offset }) => pages[offset]?.() ?? [];
    vendor.read = (id) => ours(id, reference, QUIET);
    const handle = await begin({
      completion: { mode: 'poll' },
      redial: { maxAttempts: 2, after: { no_answer: ['1m'] } },
    });
    expect(await handle.result()).toMatchObject({
      outcome: 'no_answer',
      callId: 'call_first',
      attempts: [{ flags: ['second_call'] }],
    });
    expect(vendor.sent).toHaveLength(1);
  });

  it('is continued where it was cut, if a page of it contains the call', async () => {
    let reference = '';
    vendor.place = (sent) => {
      ({ reference } = sent);
      return LOST;
    };
    // Only the first request of the first page is answered, and the second page once the deadline has passed.
    const isOver = () => Date.now() > (vendor.sent[0]?.atMs ?? 0) + 15_800;
    vendor.list = ({ offset }) => {
      const isFirst = vendor.lists.filter((page) => page.offset === 0).length === 1;
      if (offset === 0) return isFirst ? [ours('call_1', reference)] : UNREADABLE;
      return isOver() ? [] : UNREADABLE;
    };
    vendor.read = (id) => ours(id, reference, { ...TALKED, id });
    const handle = await begin({ completion: { mode: 'poll' } });
    expect(await handle.result()).toMatchObject({ outcome: 'answered', callId: 'call_1' });
  });

  it('is requested in smaller pages if a page is too long to read', async () => {
    let reference = '';
    vendor.place = (sent) => {
      ({ reference } = sent);
      return LOST;
    };
    vendor.list = ({ limit, offset }) => {
      const cause = new errors.ResponseExceededMaxSizeError();
      if (limit > 30) return new TruedyNetworkError('GET /calls', 'failed', true, { cause });
      return offset === 0 ? [ours('call_1', reference)] : [];
    };
    vendor.read = (id) => ours(id, reference, { ...TALKED, id });
    const handle = await begin({ completion: { mode: 'poll' } });
    expect(await handle.result()).toMatchObject({ outcome: 'answered', callId: 'call_1' });
    expect(vendor.lists.map(({ limit }) => limit).slice(0, 3)).toEqual([100, 50, 25]);
  });

  it('is read once more before the deadline, so that a call that appears late is not lost', async () => {
    let reference = '';
    let absences = 0;
    vendor.place = (sent) => {
      ({ reference } = sent);
      return LOST;
    };
    vendor.list = ({ offset }) => {
      if (offset > 0) return [];
      absences += 1;
      return absences <= 2 ? [] : [ours('call_1', reference)];
    };
    vendor.read = (id) => ours(id, reference, { ...TALKED, id });
    const handle = await begin({ completion: { mode: 'poll' } }, 'fast');
    expect(await handle.result()).toMatchObject({ outcome: 'answered', callId: 'call_1' });
    expect(absences).toBe(3);
  });
});

describe('a call that is found at its deadline', () => {
  it.each(['webhook', 'poll'])('is read until a read succeeds, in mode %s', async (mode) => {
    let reference = '';
    vendor.place = (sent) => {
      ({ reference } = sent);
      return LOST;
    };
    vendor.list = ({ offset }) => (offset > 0 ? [] : [ours('call_1', reference)]);
    vendor.read = (id) =>
      vendor.reads.length <= 2 ? UNREADABLE : ours(id, reference, { ...TALKED, id });
    // `settle` ends 10 s before the deadline of the call.
    const completion = { mode } as { mode: 'poll' | 'webhook' };
    const handle = await begin({ placement: { settle: '26m' }, completion }, 'fast');
    expect(await handle.result()).toMatchObject({ outcome: 'answered', callId: 'call_1' });
  });
});

describe('an attempt with many ids', () => {
  it('does not exceed the server’s limit for one search attribute', async () => {
    vendor.place = (sent) => ours('call_1', sent.reference);
    vendor.read = (id) => shownCall(id, { phoneNumber: NUMBER, record: { ...TALKED, id } });
    const handle = await begin({ completion: { mode: 'webhook', grace: '1h' } });
    await inPhase(handle, 'queued');
    for (let one = 0; one < 60; one += 1) {
      await deliver(handle, { event: 'call.started', ids: [`uv_${'x'.repeat(60)}_${one}`] });
    }
    await deliver(handle, { ids: ['call_1'], call: TALKED });
    expect(await handle.result()).toMatchObject({ outcome: 'answered' });
  });
});
