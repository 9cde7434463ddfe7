import { errors } from 'undici';
import {
  TruedyContractError,
  TruedyNetworkError,
  TruedyNotSentError,
  TruedyResponseError,
} from '../../src/truedy/errors';

describe('TruedyResponseError', () => {
  it('says request, status and Truedy’s code', () => {
    const error = new TruedyResponseError('GET /calls/call_1', 404, { code: 'not_found' });
    expect(error.message).toBe('GET /calls/call_1 answered 404 not_found');
    expect(new TruedyResponseError('POST /calls', 502).message).toBe('POST /calls answered 502');
  });

  it('contains only what the answer contained', () => {
    expect(new TruedyResponseError('POST /calls', 502)).toMatchObject({
      code: undefined,
      requestId: undefined,
      retryAtMs: undefined,
      namesCall: false,
    });
    const told = { code: 'a', requestId: 'req_1', retryAtMs: 7, namesCall: true };
    expect(new TruedyResponseError('POST /calls', 404, told)).toMatchObject(told);
  });
});

describe('TruedyNetworkError', () => {
  it.each([
    ['an answer that is longer than is read', new errors.ResponseExceededMaxSizeError(), true],
    ['any other failure', new errors.SocketError(), false],
    ['a failure of unknown cause', undefined, false],
  ])('reports whether smaller pages would help: %s', (_, cause, isTooLong) => {
    expect(new TruedyNetworkError('GET /calls', 'failed', true, { cause }).isTooLong).toBe(
      isTooLong,
    );
  });
});

it('has a name that logs can show', () => {
  expect([
    new TruedyResponseError('POST /calls', 502).name,
    new TruedyNetworkError('POST /calls', 'failed', false).name,
    new TruedyContractError('POST /calls', 'answered 200 without JSON').name,
    new TruedyNotSentError('POST /calls', 'was called off').name,
  ]).toEqual([
    'TruedyResponseError',
    'TruedyNetworkError',
    'TruedyContractError',
    'TruedyNotSentError',
  ]);
});
