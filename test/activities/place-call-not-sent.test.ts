import type * as activity from '@temporalio/activity';
import type { MayDial } from '../../src/activities/place-call';
import type { ActivityState, ServerQuestions } from '../../src/activities/server-questions';
import { NOW, NUMBER, run } from './support/environment';
import { SECOND, HOUR, never, after, place } from './support/dispatch';

beforeEach(() => {
  jest.useFakeTimers({ now: NOW });
});

afterEach(() => {
  jest.useRealTimers();
});

describe('placeCall sends nothing', () => {
  describe('when the run is a reset', () => {
    const EARLIER = '0190aaaa-0000-7000-8000-000000000000';
    const reason = 'this run is a reset: the run before it may have sent the request';

    it.each([
      ['another run froze the request', { runId: EARLIER }],
      ['it is a reset of an earlier run', { firstRunId: EARLIER }],
    ])('since %s, and is unclear', async (_, request) => {
      expect(await place({ request })).toMatchObject({
        placed: { kind: 'unclear', reason, latestSendMs: NOW },
        requests: 0,
      });
    });

    it('and may have been sent since the earliest run under its id began', async () => {
      const runs = [run(), run({ runId: EARLIER, startMs: NOW - 2 * HOUR })];
      const told = { request: { firstRunId: EARLIER }, server: { runsOf: async () => runs } };
      expect((await place(told)).placed).toMatchObject({ earliestSendMs: NOW - 2 * HOUR });
    });

    it.each<[string, ServerQuestions['runsOf']]>([
      ['is listed no more', async () => [run()]],
      ['cannot be asked for', () => Promise.reject(new Error('away'))],
    ])('and may have been sent at any time if the first run %s', async (_, runsOf) => {
      const told = { request: { firstRunId: EARLIER }, server: { runsOf } };
      expect((await place(told)).placed).toMatchObject({ kind: 'unclear', earliestSendMs: 0 });
    });
  });

  it.each<[string, Partial<activity.Info>]>([
    ['an operator has raised its attempts', { attempt: 2 }],
    ['an operator has reset it', { currentAttemptScheduledTimestampMs: NOW }],
  ])('when the activity was dispatched before, since %s', async (_, info) => {
    const first = { scheduledTimestampMs: NOW - HOUR };
    expect(await place({ info: { ...first, ...info } })).toEqual({
      placed: {
        kind: 'unclear',
        reason: 'the activity was dispatched before: the request may have been sent',
        latestSendMs: NOW,
        earliestSendMs: NOW - HOUR,
      },
      requests: 0,
    });
  });

  describe('when the server answers another run of this id', () => {
    const other = run({ runId: 'another', startMs: NOW - HOUR });

    it('and may have been sent since the earliest one began', async () => {
      const oldest = run({ runId: 'oldest', startMs: NOW - 2 * HOUR, isContinued: true });
      const runsOf = async () => [run(), other, oldest];
      expect(await place({ server: { runsOf } })).toEqual({
        placed: {
          kind: 'unclear',
          reason: 'another run had this workflow id: it may have sent the request',
          latestSendMs: NOW,
          earliestSendMs: NOW - 2 * HOUR,
        },
        requests: 0,
      });
    });

    it('as the newest one, though visibility does not list it yet', async () => {
      const stateOf = async () => ({ kind: 'other_run' }) as const;
      expect(await place({ server: { stateOf } })).toMatchObject({
        placed: { kind: 'unclear', earliestSendMs: NOW },
        requests: 0,
      });
    });
  });

  it('until visibility lists this run itself', async () => {
    let looks = 0;
    const runsOf = async () => ((looks += 1) < 3 ? [] : [run()]);
    expect(await after(SECOND, { server: { runsOf } })).toMatchObject({
      placed: { kind: 'placed' },
      requests: 1,
    });
    expect(looks).toBe(3);
  });

  it.each<[string, Partial<ServerQuestions>]>([
    ['visibility does not list this run in 4 s', { runsOf: async () => [] }],
    ['the question for other runs fails', { runsOf: () => Promise.reject(new Error('away')) }],
    ['the question for other runs gets no answer in 4 s', { runsOf: never }],
    ['the question for the activity fails', { stateOf: () => Promise.reject(new Error('away')) }],
    ['the question for the activity gets no answer in 4 s', { stateOf: never }],
    [
      'an operator pauses it or the run cancels it',
      { stateOf: async () => ({ kind: 'stopping' }) },
    ],
  ])('when %s, and is deferred', async (_, answers) => {
    expect(await after(5 * SECOND, { server: answers })).toMatchObject({
      placed: { kind: 'deferred', cause: 'conditions' },
      requests: 0,
    });
  });

  describe('when a frozen process wakes up', () => {
    const STARTED = { kind: 'started', attempt: 1, startedMs: NOW } as const;
    /** The server's answers to the first question, the second, and so on. */
    const saying = (...states: (() => ActivityState)[]) => ({
      stateOf: async () => (states.length > 1 ? states.shift() : states[0])?.() ?? STARTED,
    });
    const gone = () => ({ kind: 'gone' }) as const;
    const again = () => ({ ...STARTED, attempt: 2 });

    it.each([
      ['it polled', saying(gone)],
      ['it polled, and another worker has the activity by now', saying(again)],
      ['it asked the last questions', saying(() => STARTED, gone)],
    ])('that was frozen while %s, and is unclear', async (_, answers) => {
      expect(await place({ server: answers })).toMatchObject({
        placed: {
          kind: 'unclear',
          reason: 'Temporal had abandoned this activity before the request was sent',
          latestSendMs: NOW,
        },
        requests: 0,
      });
    });

    it('that was frozen while the answer of the server came in, and is deferred', async () => {
      const frozen = () => {
        jest.setSystemTime(NOW + HOUR);
        return STARTED;
      };
      expect(await place({ server: saying(() => STARTED, frozen) })).toMatchObject({
        placed: { kind: 'deferred', reason: 'could not check with Temporal: Error' },
        requests: 0,
      });
    });

    it.each<[string, () => void]>([
      ['and whose clocks went on', () => jest.advanceTimersByTime(4 * SECOND + 1)],
      ['with the whole machine', () => jest.setSystemTime(NOW + HOUR)],
    ])('that was frozen after the last question %s, and is deferred', async (_, freeze) => {
      expect(await place({ beforeFirstByte: freeze })).toMatchObject({
        placed: {
          kind: 'deferred',
          cause: 'conditions',
          reason: 'this process was frozen just before it sent the request',
        },
        requests: 0,
      });
    });

    it.each([
      [1, 25],
      [7, 10],
      [25, 10],
      [30, 10],
      [1_000, 10],
    ])('at time scale %i more than %i s after it was handed over', async (timeScale, seconds) => {
      const conditions = { timeScale };
      const ago = (ms: number) => ({ ...STARTED, startedMs: NOW - ms });
      const late = saying(() => ago(seconds * SECOND + 1));
      expect(await place({ conditions, server: late })).toMatchObject({
        placed: { kind: 'deferred', cause: 'conditions' },
        requests: 0,
      });
      const inTime = saying(() => ago(seconds * SECOND));
      expect(await place({ conditions, server: inTime })).toMatchObject({ requests: 1 });
    });
  });

  it('when the run was started by a worker of another time scale, and is deferred', async () => {
    expect(await place({ timeScale: 30 })).toMatchObject({
      placed: {
        kind: 'deferred',
        cause: 'conditions',
        reason: expect.stringMatching(/^TRUEDY_TIME_SCALE is 30 for this worker and was 1 /),
      },
      requests: 0,
    });
  });

  it('when the dial check forbids the call, and is not dialed', async () => {
    expect(await place({ mayDial: async () => ({ no: 'on the list' }) })).toEqual({
      placed: { kind: 'withheld', outcome: 'suppressed', reason: 'on the list' },
      requests: 0,
    });
  });

  it('when the dial check returns a later time, and is deferred until then', async () => {
    const mayDial = async () => ({ notBefore: '2026-12-01T10:00:00Z' });
    expect(await place({ mayDial })).toEqual({
      placed: {
        kind: 'deferred',
        cause: 'conditions',
        reason: 'the dial check asked to wait',
        untilMs: NOW + HOUR,
      },
      requests: 0,
    });
  });

  it.each<[string, MayDial]>([
    ['throws', () => Promise.reject(new Error(`no ${NUMBER}`))],
    [
      'throws immediately',
      () => {
        throw new Error('down');
      },
    ],
    ['gives no answer in 5 s', never],
    ['names no instant that can be read', async () => ({ notBefore: 'soon' })],
    ['names a day that no calendar has', async () => ({ notBefore: '2026-02-31T09:00:00Z' })],
    ['names an instant without an offset', async () => ({ notBefore: '2026-12-01T09:00:00' })],
    ['answers with something else', async () => 'maybe' as 'yes'],
    ['answers with nothing', async () => undefined as never],
  ])('when the dial check %s, and is deferred', async (_, mayDial) => {
    const { placed, requests } = await after(5 * SECOND, { mayDial });
    expect(placed).toMatchObject({ kind: 'deferred', cause: 'conditions' });
    expect(JSON.stringify(placed)).not.toContain(NUMBER);
    expect(requests).toBe(0);
  });

  it('when the dial check returns an instant in the past, and is deferred with a backoff', async () => {
    const mayDial = async () => ({ notBefore: new Date(NOW - 1).toISOString() });
    const { placed } = await place({ mayDial });
    expect(placed).toMatchObject({ kind: 'deferred', cause: 'conditions' });
    expect(placed).not.toHaveProperty('untilMs');
  });

  it('when expiresAt passes during the last checks, and is not dialed', async () => {
    const mayDial = async () => {
      jest.advanceTimersByTime(2 * SECOND);
      return 'yes' as const;
    };
    expect(await place({ mayDial, conditions: { expiresAtMs: NOW + SECOND } })).toMatchObject({
      placed: { kind: 'withheld', outcome: 'expired' },
      requests: 0,
    });
  });

  it('when notBefore is in the future, and is deferred until then', async () => {
    expect(await place({ conditions: { notBeforeMs: NOW + HOUR } })).toMatchObject({
      placed: { kind: 'deferred', cause: 'conditions', untilMs: NOW + HOUR },
      requests: 0,
    });
  });

  it('when expiresAt has passed, and is not dialed', async () => {
    expect(await place({ conditions: { expiresAtMs: NOW } })).toEqual({
      placed: { kind: 'withheld', outcome: 'expired', reason: 'expiresAt has passed' },
      requests: 0,
    });
  });
});
