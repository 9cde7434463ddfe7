import { ApplicationFailureCategory } from '@temporalio/common';
import { errors } from 'undici';
import { createFindCall, type FindRequest } from '../../src/activities/find-call';
import type { ListingPage } from '../../src/call/listing';
import type { TruedyCall } from '../../src/truedy/truedy-call';
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

const REQUEST: FindRequest = {
  reference: REFERENCE,
  phoneNumber: NUMBER,
  offset: 0,
  dueMs: NOW,
  timeScale: 1,
};

beforeEach(() => {
  jest.useFakeTimers({ now: NOW });
});

afterEach(() => {
  jest.useRealTimers();
});

function find(rows: readonly TruedyCall[] | Error, request: Partial<FindRequest> = {}) {
  const listCalls = async () => {
    if (rows instanceof Error) throw rows;
    return rows;
  };
  const findCall = createFindCall(vendor({ listCalls }), server());
  return surroundings().run<[FindRequest], ListingPage, typeof findCall>(findCall, {
    ...REQUEST,
    ...request,
  });
}

function row(
  callId: string,
  second: number | null,
  told: Partial<Omit<TruedyCall, 'record'>> = {},
) {
  const created_at = second === null ? null : new Date(NOW + second * 1_000).toISOString();
  return call({ callId, ...told, record: { id: callId, created_at } });
}

describe('findCall', () => {
  it('asks for the largest page at the offset', async () => {
    const asked: unknown[] = [];
    const listCalls = async (page: object) => {
      asked.push(page);
      return [];
    };
    await surroundings().run(createFindCall(vendor({ listCalls }), server()), {
      ...REQUEST,
      offset: 200,
    });
    expect(asked).toEqual([{ limit: 100, offset: 200 }]);
  });

  it('returns an empty page', async () => {
    expect(await find([])).toEqual({
      rows: 0,
      matches: [],
      strangers: 0,
      unnumbered: 0,
      newestFirst: true,
      newestMs: null,
      oldestMs: null,
    });
  });

  it('matches by reference and number', async () => {
    const rows = [
      row('other', 3, { reference: 'default/call/crm-2#1' }),
      row('unmarked', 2, { reference: null }),
      row('ours', 1, { otherIds: ['uv_1'] }),
    ];
    expect(await find(rows)).toEqual({
      rows: 3,
      matches: [{ callId: 'ours', otherIds: ['uv_1'], createdAt: '2026-12-01T09:00:01.000Z' }],
      strangers: 0,
      unnumbered: 0,
      newestFirst: true,
      newestMs: NOW + 3_000,
      oldestMs: NOW + 1_000,
    });
  });

  it.each([
    ['+14155550102', { strangers: 1, unnumbered: 0 }],
    [null, { strangers: 0, unnumbered: 1 }],
  ])('counts a row with our reference and the number %s apart', async (phoneNumber, counts) => {
    const page = await find([row('a', 1, { phoneNumber })]);
    expect(page).toMatchObject({ matches: [], ...counts });
  });

  it('says of an answer over 8 MiB that it is too long, and nothing else', async () => {
    const cause = new errors.ResponseExceededMaxSizeError();
    const tooLong = new TruedyNetworkError('GET /calls', 'failed', true, { cause });
    expect(await find(tooLong)).toMatchObject({ tooLong: true, rows: 0, matches: [] });
  });

  it('returns every row that matches', async () => {
    const { matches } = await find([row('b', 2), row('a', 1)]);
    expect(matches.map(({ callId }) => callId)).toEqual(['b', 'a']);
  });

  it.each([
    ['newest first', [3, 2, 1], true],
    ['at the same time', [2, 2, 2], true],
    ['oldest first', [1, 2, 3], false],
    ['unsorted', [3, 1, 2], false],
    ['with an untold time', [3, null, 1], false],
    ['with no time at all', [null], false],
  ])('returns whether rows stand newest first: %s', async (_, seconds, newestFirst) => {
    const rows = seconds.map((second, index) => row(`call_${index}`, second));
    expect((await find(rows)).newestFirst).toBe(newestFirst);
  });

  it('returns no times when Truedy tells none', async () => {
    expect(await find([row('a', null)])).toMatchObject({ newestMs: null, oldestMs: null });
  });

  it.each([
    [
      'failed',
      new TruedyResponseError('GET /calls', 500, { code: 'internal_error' }),
      'internal_error',
    ],
    [
      'is malformed',
      new TruedyContractError('GET /calls', 'answered 2xx with an unexpected format'),
      'TruedyContractError',
    ],
  ])('asks again after 10 s for a page that %s', async (_, error, type) => {
    expect(await failureOf(find(error))).toMatchObject({
      type,
      nextRetryDelay: 10_000,
      nonRetryable: false,
    });
  });

  it('asks again sooner by the time scale', async () => {
    const error = new TruedyResponseError('GET /calls', 500);
    expect(await failureOf(find(error, { timeScale: 100 }))).toMatchObject({ nextRetryDelay: 100 });
  });

  it('waits as long as a 429 asks', async () => {
    const error = new TruedyResponseError('GET /calls', 429, { retryAtMs: NOW + 45_000 });
    expect(await failureOf(find(error))).toMatchObject({ nextRetryDelay: 45_000 });
  });

  it('sends nothing before it is due', async () => {
    const request = { ...REQUEST, dueMs: NOW + 5_000 };
    expect(
      await failureOf(surroundings().run(createFindCall(vendor(), server()), request)),
    ).toMatchObject({
      type: 'NotYet',
      category: ApplicationFailureCategory.BENIGN,
      nextRetryDelay: 5_000,
    });
  });
});
