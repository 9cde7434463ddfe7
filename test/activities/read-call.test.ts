import type * as activity from '@temporalio/activity';
import { ApplicationFailureCategory } from '@temporalio/common';
import {
  createLookCall,
  createReadCall,
  requireDue,
  type ReadRequest,
} from '../../src/activities/read-call';
import type { Pace } from '../../src/call/timing';
import { CALL_STATUSES } from '../../src/call/call-record';
import {
  TruedyContractError,
  TruedyNetworkError,
  TruedyResponseError,
} from '../../src/truedy/errors';
import {
  call,
  failureOf,
  NOW,
  NUMBER,
  REFERENCE,
  server,
  surroundings,
  vendor,
} from './support/environment';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const PACE: Pace = {
  mode: 'poll',
  pollEveryMs: 30 * SECOND,
  timeScale: 1,
  placedAtMs: NOW - MINUTE,
  since: NOW - MINUTE,
  deadlineMs: NOW + 60 * MINUTE,
  lastMs: NOW + 240 * MINUTE,
};
const REQUEST: ReadRequest = {
  callId: 'call_1',
  phoneNumber: NUMBER,
  known: 'queued',
  until: 'change',
  dueMs: NOW,
  pace: PACE,
};

beforeEach(() => {
  jest.useFakeTimers({ now: NOW });
});

afterEach(() => {
  jest.useRealTimers();
});

type Answer = Parameters<typeof call>[0] | Error;

function answering(answer: Answer) {
  return async () => {
    if (answer instanceof Error) throw answer;
    return call(answer);
  };
}

function read(
  request: Partial<ReadRequest>,
  answer: Answer,
  info: Partial<activity.Info> = {},
  knows = server(),
) {
  const readCall = createReadCall(vendor({ readCall: answering(answer) }), knows);
  return surroundings(info).run(readCall, { ...REQUEST, ...request });
}

const status = (told: string) => ({ record: { status: told } });

/** Asserts a delay: never shorter than planned, and at most a tenth longer. */
function expectDelay(failure: { nextRetryDelay?: unknown }, ms: number): void {
  expect(Number(failure.nextRetryDelay)).toBeGreaterThanOrEqual(ms);
  expect(Number(failure.nextRetryDelay)).toBeLessThanOrEqual(ms * 1.1 + 1);
}

describe('readCall', () => {
  it('returns a change of status', async () => {
    const told = { record: { status: 'ringing' }, otherIds: ['uv_1'], reason: 'x' };
    expect(await read({}, told)).toEqual({
      kind: 'read',
      record: expect.objectContaining({ id: 'call_1', status: 'ringing' }),
      otherIds: ['uv_1'],
      reason: 'x',
      readAtMs: NOW,
      reads: 1,
    });
  });

  it.each(CALL_STATUSES.filter((told) => told !== 'queued'))(
    'tells the change to %s',
    async (told) => {
      expect(await read({}, status(told))).toMatchObject({
        kind: 'read',
        record: { status: told },
      });
    },
  );

  it('returns the first status', async () => {
    expect(await read({ known: null }, status('queued'))).toMatchObject({ kind: 'read' });
  });

  it('asks for the call by its id', async () => {
    const asked: string[] = [];
    const readCall = createReadCall(
      vendor({
        readCall: async (callId) => {
          asked.push(callId);
          return call({ record: { status: 'ended' } });
        },
      }),
      server(),
    );
    await surroundings().run(readCall, REQUEST);
    expect(asked).toEqual(['call_1']);
  });

  it('accepts an answer without a number', async () => {
    expect(await read({}, { ...status('ended'), phoneNumber: null })).toMatchObject({
      kind: 'read',
    });
  });

  it('retries if nothing changed, without an error', async () => {
    const failure = await failureOf(read({}, status('queued')));
    expect(failure).toMatchObject({
      type: 'NotYet',
      category: ApplicationFailureCategory.BENIGN,
      nonRetryable: false,
      message: 'queued, 60 s after it was placed',
      stack: '',
    });
    expectDelay(failure, 30 * SECOND);
  });

  it('retries if the status is unknown', async () => {
    expect(await failureOf(read({ known: null }, { record: { status: null } }))).toMatchObject({
      type: 'NotYet',
      message: 'status unknown, 60 s after it was placed',
    });
  });

  it('retries if another number is shown, and quotes neither', async () => {
    const failure = await failureOf(read({}, { ...status('ended'), phoneNumber: '+14155550102' }));
    expect(failure).toMatchObject({
      type: 'TruedyContractError',
      message: 'GET /calls/call_1 shows another number',
    });
    expect(Number(failure.nextRetryDelay)).toBeGreaterThanOrEqual(5_000);
  });

  it.each([
    ['a transcript', { transcript: 'Hello.' }],
    ['a summary', { summary: 'Confirmed.' }],
  ])('returns %s when waiting for artifacts', async (_, told) => {
    const request = { known: 'ended', until: 'artifacts' } as const;
    expect(await read(request, { record: { status: 'ended', ...told } })).toMatchObject({
      kind: 'read',
      record: told,
    });
  });

  it('retries until artifacts are there', async () => {
    const request = { known: 'queued', until: 'artifacts' } as const;
    expect(await failureOf(read(request, status('ended')))).toMatchObject({ type: 'NotYet' });
  });

  it('returns anything until `anything`', async () => {
    expect(await read({ until: 'anything' }, status('queued'))).toMatchObject({ kind: 'read' });
  });

  it.each([
    [
      'a 404',
      new TruedyResponseError('GET /calls/call_1', 404, { code: 'not_found' }),
      'not_found',
    ],
    ['a 401', new TruedyResponseError('GET /calls/call_1', 401), 'TruedyResponseError'],
    [
      'a 500',
      new TruedyResponseError('GET /calls/call_1', 500, { code: 'internal_error' }),
      'internal_error',
    ],
    [
      'a lost connection',
      new TruedyNetworkError('GET /calls/call_1', 'failed (x)', true),
      'TruedyNetworkError',
    ],
    [
      'a broken answer',
      new TruedyContractError('GET /calls/call_1', 'answered 200 without JSON'),
      'TruedyContractError',
    ],
  ])('tries again after %s', async (_, error, type) => {
    const failure = await failureOf(read({}, error));
    expect(failure).toMatchObject({ type, message: error.message, nonRetryable: false });
    expectDelay(failure, 30 * SECOND);
  });

  it('waits as long as a 429 asks', async () => {
    const told = { retryAtMs: NOW + 90 * SECOND };
    const error = new TruedyResponseError('GET /calls/call_1', 429, told);
    expectDelay(await failureOf(read({}, error)), 90 * SECOND);
  });

  it('waits by its own pace when a 429 asks for less', async () => {
    const told = { retryAtMs: NOW + SECOND };
    const error = new TruedyResponseError('GET /calls/call_1', 429, told);
    expectDelay(await failureOf(read({}, error)), 30 * SECOND);
  });

  it.each([
    ['each dispatch', NOW, 4],
    ['each dispatch but the first, which came before its time', NOW + SECOND, 3],
  ])('returns how many requests it sent: %s', async (_, dueMs, reads) => {
    const info = { attempt: 4, scheduledTimestampMs: NOW, currentAttemptScheduledTimestampMs: NOW };
    expect(await read({ dueMs }, status('ended'), info)).toMatchObject({ reads });
  });

  it('rethrows an error that is not Truedy’s', async () => {
    const error = new TypeError('a bug');
    expect(await failureOf(read({}, error))).toBe(error);
  });

  it('reads a last time at the deadline', async () => {
    const pace = { ...PACE, deadlineMs: NOW + 12 * SECOND };
    expectDelay(await failureOf(read({ pace }, status('queued'))), 12 * SECOND);
  });

  it('keeps 5 s between reads although the deadline comes sooner', async () => {
    const pace = { ...PACE, deadlineMs: NOW + SECOND };
    expectDelay(await failureOf(read({ pace }, status('queued'))), 5 * SECOND);
  });

  describe('past the deadline', () => {
    const pace = { ...PACE, deadlineMs: NOW };

    it('is overdue when nothing changed', async () => {
      expect(await read({ pace }, status('queued'))).toEqual({ kind: 'overdue', reads: 1 });
    });

    it('still returns how the call ended', async () => {
      expect(await read({ pace }, status('ended'))).toMatchObject({ kind: 'read' });
    });

    it('is overdue when the last read failed', async () => {
      const error = new TruedyResponseError('GET /calls/call_1', 500);
      expect(await read({ pace }, error)).toEqual({ kind: 'overdue', reads: 1 });
    });

    it('continues while a person is talking', async () => {
      const talking = read({ pace, known: 'in_progress' }, status('in_progress'));
      expectDelay(await failureOf(talking), 30 * SECOND);
    });

    it('continues while a person was talking and the read failed', async () => {
      const error = new TruedyResponseError('GET /calls/call_1', 500);
      expectDelay(await failureOf(read({ pace, known: 'in_progress' }, error)), 30 * SECOND);
    });

    it('continues while a person is talking by a delivery that the read lags behind', async () => {
      const behind = read({ pace, known: 'in_progress' }, status('ringing'));
      expectDelay(await failureOf(behind), 30 * SECOND);
    });

    it('is overdue past the last instant although a person is talking', async () => {
      const late = { ...pace, lastMs: NOW };
      expect(await read({ pace: late, known: 'in_progress' }, status('in_progress'))).toEqual({
        kind: 'overdue',
        reads: 1,
      });
    });

    it('is overdue when artifacts of a call in progress are waited for', async () => {
      const request = { pace, until: 'artifacts', known: 'in_progress' } as const;
      expect(await read(request, status('in_progress'))).toEqual({ kind: 'overdue', reads: 1 });
    });
  });

  it('sends nothing before it is due', async () => {
    const readCall = createReadCall(vendor(), server());
    const request = { ...REQUEST, dueMs: NOW + 5 * SECOND };
    const failure = await failureOf(surroundings().run(readCall, request));
    expect(failure).toMatchObject({
      type: 'NotYet',
      category: ApplicationFailureCategory.BENIGN,
      nextRetryDelay: 5 * SECOND,
      message: 'not due for 5 s',
    });
  });
});

describe('requireDue', () => {
  const hold = (dueMs: number, info: Partial<activity.Info>, knows = server()) =>
    surroundings(info).run(async () => requireDue(dueMs, knows));
  const startedAt = (startedMs: number) =>
    server({ stateOf: async () => ({ kind: 'started', attempt: 2, startedMs }) });
  const retryDue = (atMs: number) => ({ attempt: 2, currentAttemptScheduledTimestampMs: atMs });
  const unasked = server({ stateOf: () => Promise.reject(new Error('was asked')) });

  it.each([
    ['the first dispatch is due', NOW, { attempt: 1 }],
    ['the first dispatch is late', NOW - 1, { attempt: 1 }],
    ['a retry is due, whatever the first was', NOW + MINUTE, retryDue(NOW)],
  ])('passes if %s, without asking the server', async (_, dueMs, info) => {
    await expect(hold(dueMs, info, unasked)).resolves.toBeUndefined();
  });

  it.each([
    ['the first dispatch comes early', NOW + 1, { attempt: 1 }, 1],
    ['a retry comes early', 0, retryDue(NOW + 7), 7],
  ])('holds if %s, for the remaining time', async (_, dueMs, info, restMs) => {
    expect(await failureOf(hold(dueMs, info))).toMatchObject({
      type: 'NotYet',
      category: ApplicationFailureCategory.BENIGN,
      nextRetryDelay: restMs,
    });
  });

  it.each([1, 3, 5, 60])(
    'lets a due retry pass on a worker whose clock is %i s behind',
    async (s) => {
      const dueMs = NOW + s * SECOND;
      await expect(hold(0, retryDue(dueMs), startedAt(dueMs))).resolves.toBeUndefined();
    },
  );

  it('lets the first dispatch pass once it is due by the server’s clock', async () => {
    await expect(hold(NOW + 5, { attempt: 1 }, startedAt(NOW + 5))).resolves.toBeUndefined();
  });

  it('holds an early first dispatch on a worker whose clock is ahead', async () => {
    jest.setSystemTime(NOW + 5 * SECOND);
    const failure = await failureOf(hold(NOW + 5 * SECOND, { attempt: 1 }));
    expect(failure).toMatchObject({ type: 'NotYet', nextRetryDelay: 5 * SECOND });
  });

  it.each([
    ['cannot be asked', server({ stateOf: () => Promise.reject(new Error('away')) })],
    ['does not wait for it', server({ stateOf: async () => ({ kind: 'gone' }) })],
  ])('asks again in 4 s when it may be early and the server %s', async (_, knows) => {
    expect(await failureOf(hold(NOW + 5 * SECOND, { attempt: 1 }, knows))).toMatchObject({
      type: 'NotYet',
      nextRetryDelay: 4 * SECOND,
    });
  });
});

describe.each([-5, 0, 5])('readCall on a worker whose clock is off by %i s', (seconds) => {
  beforeEach(() => {
    jest.setSystemTime(NOW + seconds * SECOND);
  });

  describe.each([1, 7, 25, 30])('at time scale %i', (timeScale) => {
    const pace = { ...PACE, timeScale };
    const known = 'in_progress';

    it('is not overdue before the last instant by the server’s clock', async () => {
      const last = { ...pace, deadlineMs: NOW - SECOND, lastMs: NOW + 1 };
      const failure = await failureOf(read({ pace: last, known }, status('in_progress')));
      expect(failure).toMatchObject({ type: 'NotYet' });
    });

    it('is overdue at the last instant by the server’s clock', async () => {
      const last = { ...pace, lastMs: NOW };
      const answer = await read({ pace: last, known }, status('in_progress'));
      expect(answer).toMatchObject({ kind: 'overdue' });
    });

    it('waits until the next read by the server’s clock', async () => {
      expectDelay(await failureOf(read({ pace }, status('queued'))), 30 * SECOND);
    });
  });

  it('returns a read time that is not too early by the server’s clock', async () => {
    const readAtMs = NOW + Math.max(0, seconds) * SECOND;
    expect(await read({}, status('ended'))).toMatchObject({ readAtMs });
  });

  it('returns it even if the dispatch waited in its queue', async () => {
    jest.setSystemTime(NOW + 3 * SECOND);
    expect(await read({}, status('ended'))).toMatchObject({ readAtMs: NOW + 3 * SECOND });
  });

  it('waits as long as a 429 asks', async () => {
    const retryAtMs = NOW + seconds * SECOND + 90 * SECOND;
    const error = new TruedyResponseError('GET /calls/call_1', 429, { retryAtMs });
    expectDelay(await failureOf(read({}, error)), 90 * SECOND);
  });
});

describe('lookCall', () => {
  const look = (answer: Answer, info: object = {}) =>
    surroundings(info).run(createLookCall(vendor({ readCall: answering(answer) })), {
      callId: 'uv_1',
      phoneNumber: NUMBER,
      reference: REFERENCE,
      timeScale: 1,
    });

  it.each([
    ['our number', {}],
    ['our number without the plus', { phoneNumber: NUMBER.slice(1) }],
    ['our number and our reference', { reference: REFERENCE }],
  ])('accepts a call with %s as ours, with Truedy’s own id', async (_, shown) => {
    expect(await look(shown)).toMatchObject({ kind: 'ours', record: { id: 'call_1' } });
  });

  it.each([
    ['another number', { phoneNumber: '+14155550102' }, 'that call shows another number'],
    [
      'the reference of another attempt',
      { reference: 'default/call/crm-1#2' },
      'that call carries the reference of another attempt',
    ],
  ])('rejects a call with %s', async (_, shown, because) => {
    expect(await look(shown)).toEqual({ kind: 'not_ours', because });
  });

  it('learns nothing from a call without a number, or by a 404', async () => {
    expect(await look({ phoneNumber: null })).toMatchObject({ kind: 'no_call' });
    const error = new TruedyResponseError('GET /calls/uv_1', 404);
    expect(await look(error)).toMatchObject({ kind: 'no_call' });
  });

  it.each([
    [1, 5],
    [2, 10],
    [9, 300],
  ])('retries read %i, which failed, after %i s', async (attempt, seconds) => {
    const error = new TruedyResponseError('GET /calls/uv_1', 500);
    expect(await failureOf(look(error, { attempt }))).toMatchObject({
      nextRetryDelay: seconds * SECOND,
      nonRetryable: false,
    });
  });

  it('waits as long as a 429 asks', async () => {
    const told = { retryAtMs: NOW + 30 * SECOND };
    const error = new TruedyResponseError('GET /calls/uv_1', 429, told);
    expect(await failureOf(look(error))).toMatchObject({ nextRetryDelay: 30 * SECOND });
  });
});
