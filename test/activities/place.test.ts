import {
  createPlaceCall,
  objectionOfTime,
  whatItProves,
  type MayDial,
  type PlaceDependencies,
} from '../../src/activities/place';
import {
  freeze,
  type DialConditions,
  type FrozenRequest,
  type Placed,
} from '../../src/call/attempt';
import type { TruedyCall } from '../../src/truedy/client';
import {
  TruedyContractError,
  TruedyNetworkError,
  TruedyResponseError,
} from '../../src/truedy/errors';
import { call, NOW, NUMBER, RUN, surroundings, vendor } from './support/environment';

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
  readonly hasOtherRun?: PlaceDependencies['hasOtherRun'];
}

/** Places one call where all is well but what the test says, and counts the requests. */
function dispatch(told: Told = {}) {
  const sent: [request: unknown, replyMs: number][] = [];
  const placeCall = createPlaceCall({
    truedy: vendor({
      placeCall: (request, replyMs) => {
        sent.push([request, replyMs]);
        return told.answer?.() ?? Promise.resolve(call());
      },
    }),
    hasOtherRun: told.hasOtherRun ?? (async () => false),
    mayDial: told.mayDial ?? (async () => 'yes'),
  });
  const placed: Promise<Placed> = surroundings().run(
    placeCall,
    { ...REQUEST, ...told.request },
    { ...CONDITIONS, ...told.conditions },
  );
  return { placed, sent };
}

/** What becomes of it, where it takes this long. */
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
      reason: 'POST /calls answered with another call',
      latestSendMs: NOW,
    });
  });

  it('is refused where the vendor refuses', async () => {
    const told = { code: 'agent_not_active', requestId: 'req_1' };
    const answer = () => Promise.reject(new TruedyResponseError('POST /calls', 422, told));
    expect(await place({ answer })).toEqual({
      placed: { kind: 'refused', type: 'agent_not_active', status: 422, requestId: 'req_1' },
      requests: 1,
    });
  });

  it('tells the time of the send, not of the answer, where it is unclear', async () => {
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
    it.each([
      ['the run is another than the one that froze it', { runId: 'another' }],
      ['the run is a reset of an earlier one', { firstRunId: 'another' }],
    ])('where %s, and is unclear', async (_, request) => {
      expect(await place({ request })).toEqual({
        placed: {
          kind: 'unclear',
          reason: 'this run is a reset: an earlier life may have sent the request',
          latestSendMs: NOW,
        },
        requests: 0,
      });
    });

    it('where the server knows another run of this id, and is unclear', async () => {
      expect(await place({ hasOtherRun: async () => true })).toEqual({
        placed: {
          kind: 'unclear',
          reason: 'another run had this workflow id: it may have sent the request',
          latestSendMs: NOW,
        },
        requests: 0,
      });
    });

    it.each([
      ['throws', () => Promise.reject(new Error('unavailable'))],
      [
        'throws at once',
        () => {
          throw new Error('unavailable');
        },
      ],
      ['gives no answer in 5 s', never],
    ])('where the question for another run %s, and is deferred', async (_, hasOtherRun) => {
      expect(await after(5 * SECOND, { hasOtherRun })).toMatchObject({
        placed: { kind: 'deferred', cause: 'conditions' },
        requests: 0,
      });
    });

    it('where the dial check says no, and is withheld', async () => {
      expect(await place({ mayDial: async () => ({ no: 'on the list' }) })).toEqual({
        placed: { kind: 'withheld', outcome: 'suppressed', reason: 'on the list' },
        requests: 0,
      });
    });

    it('where the dial check says not yet, and is deferred until then', async () => {
      const mayDial = async () => ({ notBefore: '2026-12-01T10:00:00Z' });
      expect(await place({ mayDial })).toEqual({
        placed: {
          kind: 'deferred',
          cause: 'conditions',
          reason: 'the dial check says not yet',
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
      ['answers with something else', async () => 'maybe' as 'yes'],
      ['answers with nothing', async () => undefined as never],
    ])('where the dial check %s, and is deferred', async (_, mayDial) => {
      const { placed, requests } = await after(5 * SECOND, { mayDial });
      expect(placed).toMatchObject({ kind: 'deferred', cause: 'conditions' });
      expect(JSON.stringify(placed)).not.toContain(NUMBER);
      expect(requests).toBe(0);
    });

    it('where the last questions took over 5 s together, and is deferred', async () => {
      const slowly = <T>(answer: T) =>
        new Promise<T>((resolve) => setTimeout(resolve, 3 * SECOND, answer));
      const told = { hasOtherRun: () => slowly(false), mayDial: () => slowly('yes' as const) };
      expect(await after(6 * SECOND, told)).toEqual({
        placed: {
          kind: 'deferred',
          cause: 'conditions',
          reason: 'the last questions took too long, nothing was sent',
        },
        requests: 0,
      });
    });

    it('where notBefore lies ahead, and is deferred until then', async () => {
      expect(await place({ conditions: { notBeforeMs: NOW + HOUR } })).toMatchObject({
        placed: { kind: 'deferred', cause: 'conditions', untilMs: NOW + HOUR },
        requests: 0,
      });
    });

    it('where expiresAt has passed, and is withheld', async () => {
      expect(await place({ conditions: { expiresAtMs: NOW } })).toEqual({
        placed: { kind: 'withheld', outcome: 'expired', reason: 'expiresAt has passed' },
        requests: 0,
      });
    });
  });

  it('asks for another run of its own workflow', async () => {
    const asked: unknown[] = [];
    await place({
      hasOtherRun: async (...question) => {
        asked.push(question);
        return false;
      },
    });
    expect(asked).toEqual([['call/crm-1', RUN]]);
  });

  it('tells the dial check reference, number, labels and attempt', async () => {
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

  it('does not ask the dial check where the clock objects', async () => {
    const mayDial = () => Promise.reject(new Error('asked'));
    const { placed } = await place({ mayDial, conditions: { expiresAtMs: NOW } });
    expect(placed.kind).toBe('withheld');
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
      expired('expiresAt comes first'),
    ],
    [
      'expiresAt comes when the window opens',
      { window: CLOSED, expiresAtMs: NOW + 2 * HOUR },
      expired('expiresAt comes first'),
    ],
    [
      'expiresAt comes after the window opens',
      { window: CLOSED, expiresAtMs: NOW + 2 * HOUR + 1 },
      later('outside the window', NOW + 2 * HOUR),
    ],
    [
      'expiresAt comes before a notBefore that was moved',
      { notBeforeMs: NOW + 2, expiresAtMs: NOW + 1 },
      expired('expiresAt comes first'),
    ],
    [
      'expiresAt has passed and the window is closed',
      { window: CLOSED, expiresAtMs: NOW - 1 },
      expired('expiresAt has passed'),
    ],
  ])('where %s', (_, conditions, objection) => {
    expect(objectionOfTime({ ...CONDITIONS, ...conditions }, NOW)).toEqual(objection);
  });
});

describe('whatItProves', () => {
  const answered = (status: number, told = {}) =>
    whatItProves(new TruedyResponseError('POST /calls', status, told), NOW);

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

  it('by a 404 that names a call is nothing', () => {
    expect(answered(404, { code: 'not_found', namesCall: true })).toEqual({
      kind: 'unclear',
      reason: 'POST /calls answered 404 not_found',
      latestSendMs: NOW,
    });
  });

  it.each([
    100, 199, 300, 301, 302, 303, 304, 307, 308, 406, 408, 409, 410, 418, 421, 425, 426, 451, 499,
    500, 501, 502, 503, 504, 520, 524, 599, 999,
  ])('by a %d is nothing', (status) => {
    expect(answered(status, { code: 'agent_not_found' })).toMatchObject({
      kind: 'unclear',
      latestSendMs: NOW,
    });
  });

  it('by a 429 is that the same bytes may go again, once the vendor allows it', () => {
    expect(answered(429, { code: 'rate_limited', retryAtMs: NOW + 5_000 })).toEqual({
      kind: 'deferred',
      cause: 'rate_limited',
      reason: 'POST /calls answered 429 rate_limited',
      untilMs: NOW + 5_000,
    });
  });

  it('by a failure before the first byte is that the same bytes may go again', () => {
    const error = new TruedyNetworkError('POST /calls', 'failed (ECONNREFUSED)', false);
    expect(whatItProves(error, NOW)).toEqual({
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
  ])('by %s is nothing', (_, error) => {
    expect(whatItProves(error, NOW)).toMatchObject({ kind: 'unclear', latestSendMs: NOW });
  });
});
