import type { DialConditions } from '../../src/call/dial-request';
import { TruedyNetworkError, TruedyResponseError } from '../../src/truedy/errors';
import { call, NOW, NUMBER, run, RUN } from './support/environment';
import { SECOND, REQUEST, dispatch, after, place } from './support/dispatch';

beforeEach(() => {
  jest.useFakeTimers({ now: NOW });
});

afterEach(() => {
  jest.useRealTimers();
});

describe('placeCall', () => {
  it('sends the frozen request once, unchanged', async () => {
    const { placed, sent } = dispatch();
    await placed;
    expect(sent).toEqual([[REQUEST, 200 * SECOND]]);
  });

  it('shortens the limit of the reply with the time scale', async () => {
    const { placed, sent } = dispatch({ conditions: { timeScale: 100 } });
    await placed;
    expect(sent).toMatchObject([[REQUEST, 5 * SECOND]]);
  });

  it('is placed by a call id', async () => {
    expect(await place()).toEqual({
      placed: { kind: 'placed', callId: 'call_1', saysFailed: false, sentAtMs: NOW },
      requests: 1,
    });
  });

  it('is placed by a call id although the answer says failed', async () => {
    const answer = async () => call({ record: { status: 'failed' } });
    expect((await place({ answer })).placed).toMatchObject({ kind: 'placed', saysFailed: true });
  });

  it('counts a failure from the first byte, not from the last question', async () => {
    const answer = async () => call({ record: { status: 'failed' } });
    const beforeFirstByte = () => jest.advanceTimersByTime(2 * SECOND);
    const { placed } = await place({ answer, beforeFirstByte });
    expect(placed).toMatchObject({ kind: 'placed', sentAtMs: NOW + 2 * SECOND });
  });

  it('is placed by an answer that echoes neither number nor reference', async () => {
    const answer = async () => call({ phoneNumber: null, reference: null });
    expect((await place({ answer })).placed.kind).toBe('placed');
  });

  it.each([
    ['number', { phoneNumber: '+14155550102' }],
    ['reference', { reference: 'default/call/crm-1#2' }],
  ])('is unclear by an answer with another %s', async (_, fields) => {
    expect((await place({ answer: async () => call(fields) })).placed).toEqual({
      kind: 'unclear',
      reason: 'POST /calls returned a different call',
      earliestSendMs: NOW,
      latestSendMs: NOW,
    });
  });

  it('is refused when Truedy refuses', async () => {
    const told = { code: 'agent_not_active', requestId: 'req_1' };
    const answer = () => Promise.reject(new TruedyResponseError('POST /calls', 422, told));
    expect(await place({ answer })).toEqual({
      placed: { kind: 'refused', type: 'agent_not_active', status: 422, requestId: 'req_1' },
      requests: 1,
    });
  });

  it('returns the time of the send, not of the answer, when it is unclear', async () => {
    const answer = () =>
      new Promise<never>((_, reject) =>
        setTimeout(() => reject(new TruedyNetworkError('POST /calls', 'failed', true)), 9 * SECOND),
      );
    const { placed } = await after(9 * SECOND, { answer });
    expect(placed).toMatchObject({ kind: 'unclear', latestSendMs: NOW });
  });

  it('counts the settling from the latest instant of the send, where a busy worker began late', async () => {
    const startedMs = NOW - 2 * SECOND;
    const busy = { stateOf: async () => ({ kind: 'started', attempt: 1, startedMs }) as const };
    const lost = () => Promise.reject(new TruedyNetworkError('POST /calls', 'failed', true));
    expect((await place({ answer: lost, server: busy })).placed).toMatchObject({
      kind: 'unclear',
      earliestSendMs: startedMs,
      latestSendMs: NOW,
    });
    const saysFailed = async () => call({ record: { status: 'failed' } });
    const { placed } = await place({ answer: saysFailed, server: busy });
    expect(placed).toMatchObject({ kind: 'placed', sentAtMs: NOW });
  });

  it('is unclear after an unexpected error, and does not include its message', async () => {
    const answer = () => Promise.reject(new TypeError(`cannot dial ${NUMBER}`));
    expect((await place({ answer })).placed).toEqual({
      kind: 'unclear',
      reason: 'TypeError',
      earliestSendMs: NOW,
      latestSendMs: NOW,
    });
  });

  it('asks for its own activity, first and last, and for the runs of its own workflow', async () => {
    const asked: unknown[] = [];
    await place({
      server: {
        stateOf: async (activity) => {
          asked.push(activity);
          return { kind: 'started', attempt: 1, startedMs: NOW };
        },
        runsOf: async (workflowId) => {
          asked.push(workflowId);
          return [run()];
        },
      },
    });
    const activity = { workflowId: 'call/crm-1', runId: RUN, activityId: '7' };
    expect(asked).toEqual(['call/crm-1', activity, activity]);
  });

  it('sends the dial check the reference, number, labels and attempt', async () => {
    const asked: unknown[] = [];
    await place({
      mayDial: async (dial) => {
        asked.push(dial);
        return 'yes';
      },
    });
    expect(asked).toEqual([
      {
        reference: 'default/call/crm-1#1',
        phoneNumber: NUMBER,
        labels: { campaign: 'spring' },
        attempt: 1,
      },
    ]);
  });

  it('does not call the dial check if the time does not allow the call', async () => {
    const mayDial = () => Promise.reject(new Error('asked'));
    const { placed } = await place({ mayDial, conditions: { expiresAtMs: NOW } });
    expect(placed.kind).toBe('withheld');
  });
});

// The clock of this machine is 5 s behind the server's, level with it, or 5 s ahead of it.
describe.each([-5, 0, 5])('placeCall on a worker whose clock is off by %i s', (seconds) => {
  beforeEach(() => {
    jest.setSystemTime(NOW + seconds * SECOND);
  });

  describe.each([1, 7, 25, 30, 1_000])('at time scale %i', (timeScale) => {
    const placeWith = (conditions: Partial<DialConditions>) =>
      place({ conditions: { timeScale, ...conditions } });

    it('sends what is due by the server’s clock, and returns the time of the send by that clock', async () => {
      const { placed } = await placeWith({ notBeforeMs: NOW, expiresAtMs: NOW + 6 * SECOND });
      expect(placed).toMatchObject({ kind: 'placed', sentAtMs: NOW });
    });

    it('sends nothing before it is due by the server’s clock', async () => {
      expect(await placeWith({ notBeforeMs: NOW + SECOND })).toMatchObject({
        placed: { kind: 'deferred', untilMs: NOW + SECOND },
        requests: 0,
      });
    });

    it('sends nothing once it has expired by its own clock', async () => {
      const expiresAtMs = Math.max(NOW, Date.now());
      expect(await placeWith({ expiresAtMs })).toMatchObject({
        placed: { kind: 'withheld', outcome: 'expired' },
        requests: 0,
      });
    });

    it('sends nothing once it has expired by the server’s clock', async () => {
      expect(await placeWith({ expiresAtMs: NOW })).toMatchObject({
        placed: { kind: 'withheld', outcome: 'expired' },
        requests: 0,
      });
    });
  });

  it('waits as long as a 429 requires', async () => {
    const retryAtMs = NOW + seconds * SECOND + 9 * SECOND;
    const answer = () => Promise.reject(new TruedyResponseError('POST /calls', 429, { retryAtMs }));
    expect((await place({ answer })).placed).toMatchObject({ untilMs: NOW + 9 * SECOND });
  });
});
