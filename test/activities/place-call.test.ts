import type * as activity from '@temporalio/activity';
import {
  createPlaceCall,
  objectionOfTime,
  placedFromError,
  type MayDial,
} from '../../src/activities/place-call';
import type { ActivityState, ServerQuestions } from '../../src/activities/server-questions';
import { freeze, type DialConditions, type FrozenRequest } from '../../src/call/dial-request';
import type { Placed } from '../../src/call/placement';
import type { TruedyCall } from '../../src/truedy/truedy-call';
import {
  TruedyContractError,
  TruedyNetworkError,
  TruedyNotSentError,
  TruedyResponseError,
} from '../../src/truedy/errors';
import { call, NOW, NUMBER, run, RUN, server, surroundings, vendor } from './support/environment';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const REQUEST = freeze(
  { agent_id: 'agent_01hx', phone_number: NUMBER },
  { namespace: 'default', workflowId: 'call/crm-1', attempt: 1, runId: RUN, firstRunId: RUN },
  '0123456789abcdef0123456789abcdef',
);
const CONDITIONS: DialConditions = { attempt: 1, labels: { campaign: 'spring' }, timeScale: 1 };

const never = () => new Promise<never>(() => undefined);

beforeEach(() => {
  jest.useFakeTimers({ now: NOW });
});

afterEach(() => {
  jest.useRealTimers();
});

interface Told {
  readonly answer?: () => Promise<TruedyCall>;
  readonly request?: Partial<FrozenRequest>;
  readonly conditions?: Partial<DialConditions>;
  readonly mayDial?: MayDial;
  readonly server?: Partial<ServerQuestions>;
  readonly info?: Partial<activity.Info>;
  /** The worker's time scale. Default: that of the request. */
  readonly timeScale?: number;
}

/** Places one call with the given exceptions from a healthy setup, and counts the requests. */
function dispatch(told: Told = {}) {
  const sent: [request: unknown, replyMs: number][] = [];
  const conditions = { ...CONDITIONS, ...told.conditions };
  const placeCall = createPlaceCall({
    truedy: vendor({
      placeCall: async (request, replyMs, beforeSend) => {
        if (!(await beforeSend())) throw new TruedyNotSentError('POST /calls', 'was called off');
        sent.push([request, replyMs]);
        return told.answer?.() ?? call();
      },
    }),
    server: server(told.server),
    mayDial: told.mayDial ?? (async () => 'yes'),
    timeScale: told.timeScale ?? conditions.timeScale,
  });
  const placed: Promise<Placed> = surroundings(told.info).run(
    placeCall,
    { ...REQUEST, ...told.request },
    conditions,
  );
  return { placed, sent };
}

/** Dispatches a request, and advances the timers by the given time. */
async function after(delayMs: number, told: Told) {
  const { placed, sent } = dispatch(told);
  await jest.advanceTimersByTimeAsync(delayMs);
  return { placed: await placed, requests: sent.length };
}

const place = (told: Told = {}) => after(0, told);

describe('placeCall', () => {
  it('sends the frozen request once, as it is', async () => {
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

  it('is placed by an answer that echoes neither number nor reference', async () => {
    const answer = async () => call({ phoneNumber: null, reference: null });
    expect((await place({ answer })).placed.kind).toBe('placed');
  });

  it.each([
    ['number', { phoneNumber: '+14155550102' }],
    ['reference', { reference: 'default/call/crm-1#2' }],
  ])('is unclear by an answer with another %s', async (_, told) => {
    expect((await place({ answer: async () => call(told) })).placed).toEqual({
      kind: 'unclear',
      reason: 'POST /calls returned a different call',
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

  it('is unclear by an error nobody expected, and does not tell its message', async () => {
    const answer = () => Promise.reject(new TypeError(`cannot dial ${NUMBER}`));
    expect((await place({ answer })).placed).toEqual({
      kind: 'unclear',
      reason: 'TypeError',
      latestSendMs: NOW,
    });
  });

  describe('sends nothing', () => {
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
      ])('and may have been sent at any time where the first run %s', async (_, runsOf) => {
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

    describe('when the server knows another run of this id', () => {
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
    ])('when %s, and is deferred', async (_, knows) => {
      expect(await after(5 * SECOND, { server: knows })).toMatchObject({
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
      ])('that was frozen while %s, and is unclear', async (_, knows) => {
        expect(await place({ server: knows })).toMatchObject({
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

    it('when the dial check says no, and is not dialed', async () => {
      expect(await place({ mayDial: async () => ({ no: 'on the list' }) })).toEqual({
        placed: { kind: 'withheld', outcome: 'suppressed', reason: 'on the list' },
        requests: 0,
      });
    });

    it('when the dial check says not yet, and is deferred until then', async () => {
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
        'throws at once',
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

    it('when the dial check names an instant that has passed, and is deferred to a back-off', async () => {
      const mayDial = async () => ({ notBefore: new Date(NOW - 1).toISOString() });
      const { placed } = await place({ mayDial });
      expect(placed).toMatchObject({ kind: 'deferred', cause: 'conditions' });
      expect(placed).not.toHaveProperty('untilMs');
    });

    it('when expiresAt passes while the last questions are asked, and is not dialed', async () => {
      const mayDial = async () => {
        jest.advanceTimersByTime(2 * SECOND);
        return 'yes' as const;
      };
      expect(await place({ mayDial, conditions: { expiresAtMs: NOW + SECOND } })).toMatchObject({
        placed: { kind: 'withheld', outcome: 'expired' },
        requests: 0,
      });
    });

    it('when notBefore lies ahead, and is deferred until then', async () => {
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

  it('does not ask the dial check when the clock objects', async () => {
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

  it('waits as long as a 429 asks', async () => {
    const retryAtMs = NOW + seconds * SECOND + 9 * SECOND;
    const answer = () => Promise.reject(new TruedyResponseError('POST /calls', 429, { retryAtMs }));
    expect((await place({ answer })).placed).toMatchObject({ untilMs: NOW + 9 * SECOND });
  });
});

describe('objectionOfTime', () => {
  // 09:00 UTC is 10:00 in Berlin.
  const OPEN = { timeZone: 'Europe/Berlin', from: '09:00', to: '18:00' };
  const CLOSED = { timeZone: 'Europe/Berlin', from: '12:00', to: '18:00' };
  const later = (reason: string, untilMs: number) =>
    ({ kind: 'deferred', cause: 'conditions', reason, untilMs }) as const;
  const expired = (reason: string) => ({ kind: 'withheld', outcome: 'expired', reason }) as const;

  it.each<[string, Partial<DialConditions>, Placed | undefined]>([
    ['nothing is asked for', {}, undefined],
    ['notBefore is now', { notBeforeMs: NOW }, undefined],
    ['notBefore lies ahead', { notBeforeMs: NOW + 1 }, later('before notBefore', NOW + 1)],
    ['expiresAt lies ahead', { expiresAtMs: NOW + 1 }, undefined],
    ['expiresAt is now', { expiresAtMs: NOW }, expired('expiresAt has passed')],
    ['expiresAt has passed', { expiresAtMs: NOW - 1 }, expired('expiresAt has passed')],
    ['the window is open', { window: OPEN }, undefined],
    ['the window is closed', { window: CLOSED }, later('outside the window', NOW + 2 * HOUR)],
    [
      'notBefore lies in the open window',
      { window: OPEN, notBeforeMs: NOW + HOUR },
      later('before notBefore', NOW + HOUR),
    ],
    [
      'notBefore lies after the window',
      { window: OPEN, notBeforeMs: NOW + 10 * HOUR },
      later('before notBefore', NOW + 23 * HOUR),
    ],
    [
      'the window opens after notBefore',
      { window: CLOSED, notBeforeMs: NOW + HOUR },
      later('outside the window', NOW + 2 * HOUR),
    ],
    [
      'expiresAt comes before the window opens',
      { window: CLOSED, expiresAtMs: NOW + HOUR },
      expired('expiresAt comes before the next allowed time'),
    ],
    [
      'expiresAt comes when the window opens',
      { window: CLOSED, expiresAtMs: NOW + 2 * HOUR },
      expired('expiresAt comes before the next allowed time'),
    ],
    [
      'expiresAt comes after the window opens',
      { window: CLOSED, expiresAtMs: NOW + 2 * HOUR + 1 },
      later('outside the window', NOW + 2 * HOUR),
    ],
    [
      'expiresAt comes before a notBefore that was moved',
      { notBeforeMs: NOW + 2, expiresAtMs: NOW + 1 },
      expired('expiresAt comes before the next allowed time'),
    ],
    [
      'expiresAt has passed and the window is closed',
      { window: CLOSED, expiresAtMs: NOW - 1 },
      expired('expiresAt has passed'),
    ],
  ])('when %s', (_, conditions, objection) => {
    const now = { earliestMs: NOW, latestMs: NOW };
    expect(objectionOfTime({ ...CONDITIONS, ...conditions }, now)).toEqual(objection);
  });
});

describe('objectionOfTime, on a machine that is busy or whose clock is apart', () => {
  // 09:00 UTC is 10:00 in Berlin.
  const CLOSES = { timeZone: 'Europe/Berlin', from: '09:00', to: '10:01' };
  const now = { earliestMs: NOW, latestMs: NOW + 60 * SECOND };

  it('rejects what may have expired', () => {
    const conditions = { ...CONDITIONS, expiresAtMs: NOW + 30 * SECOND };
    expect(objectionOfTime(conditions, now)).toMatchObject({ outcome: 'expired' });
  });

  it('lets nothing pass whose window may have closed', () => {
    const untilMs = NOW + 23 * HOUR;
    expect(objectionOfTime({ ...CONDITIONS, window: CLOSES }, now)).toMatchObject({
      kind: 'deferred',
      reason: 'outside the window',
      untilMs,
    });
  });

  it('rejects what may be before notBefore', () => {
    const notBeforeMs = NOW + 30 * SECOND;
    const deferred = { kind: 'deferred', untilMs: notBeforeMs };
    expect(objectionOfTime({ ...CONDITIONS, notBeforeMs }, now)).toMatchObject(deferred);
  });
});

describe('placedFromError', () => {
  const AT = { sentAtMs: NOW, nowMs: NOW };

  const answered = (status: number, told = {}) =>
    placedFromError(new TruedyResponseError('POST /calls', status, told), AT);

  it.each([
    [400, 'bad_request'],
    [401, 'unauthorized'],
    [402, 'insufficient_credits'],
    [403, 'forbidden'],
    [404, 'refused'],
    [405, 'refused'],
    [413, 'payload_too_large'],
    [414, 'refused'],
    [415, 'refused'],
    [422, 'validation_error'],
    [431, 'refused'],
  ])('by a %d without a code is a refusal: %s', (status, type) => {
    expect(answered(status)).toEqual({ kind: 'refused', type, status });
  });

  it.each([
    [404, 'agent_not_found', 'agent_not_found'],
    [404, 'not_found', 'agent_not_found'],
    [422, 'no_phone_number_configured', 'no_phone_number_configured'],
    [422, 'invalid_phone_number', 'invalid_phone_number'],
    [422, 'agent_not_active', 'agent_not_active'],
    [422, 'validation_error', 'validation_error'],
    [422, 'some_new_rule', 'refused'],
    [422, 'constructor', 'refused'],
    [402, 'payment_required', 'insufficient_credits'],
    [402, 'insufficient_credits', 'insufficient_credits'],
    [400, 'agent_not_found', 'bad_request'],
    [413, 'payload_too_large', 'payload_too_large'],
  ])('by a %d %s is a refusal: %s', (status, code, type) => {
    expect(answered(status, { code, requestId: 'req_1' })).toEqual({
      kind: 'refused',
      type,
      status,
      requestId: 'req_1',
    });
  });

  it('by a 404 that names a call proves nothing', () => {
    expect(answered(404, { code: 'not_found', namesCall: true })).toEqual({
      kind: 'unclear',
      reason: 'POST /calls answered 404 not_found',
      latestSendMs: NOW,
    });
  });

  it.each([
    100, 199, 300, 301, 302, 303, 304, 307, 308, 406, 408, 409, 410, 418, 421, 425, 426, 451, 499,
    500, 501, 502, 503, 504, 520, 524, 599, 999,
  ])('by a %d proves nothing', (status) => {
    expect(answered(status, { code: 'agent_not_found' })).toMatchObject({
      kind: 'unclear',
      latestSendMs: NOW,
    });
  });

  it('by a 429: the request may be resent once Truedy allows it', () => {
    expect(answered(429, { code: 'rate_limited', retryAtMs: NOW + 5_000 })).toEqual({
      kind: 'deferred',
      cause: 'rate_limited',
      reason: 'POST /calls answered 429 rate_limited',
      untilMs: NOW + 5_000,
    });
  });

  it('by a failure before the first byte: the request may be resent', () => {
    const error = new TruedyNetworkError('POST /calls', 'failed (ECONNREFUSED)', false);
    expect(placedFromError(error, AT)).toEqual({
      kind: 'deferred',
      cause: 'truedy_unreachable',
      reason: 'POST /calls failed (ECONNREFUSED)',
    });
  });

  it.each([
    ['a failure after the first byte', new TruedyNetworkError('POST /calls', 'failed (x)', true)],
    ['a broken answer', new TruedyContractError('POST /calls', 'answered 201 without JSON')],
    ['an error of another kind', new Error('x')],
    ['no error', undefined],
  ])('by %s proves nothing', (_, error) => {
    expect(placedFromError(error, AT)).toMatchObject({ kind: 'unclear', latestSendMs: NOW });
  });
});
