import { placedFromError } from '../../src/activities/place-call';
import {
  TruedyContractError,
  TruedyNetworkError,
  TruedyResponseError,
} from '../../src/truedy/errors';
import { NOW } from './support/environment';

beforeEach(() => {
  jest.useFakeTimers({ now: NOW });
});

afterEach(() => {
  jest.useRealTimers();
});

describe('placedFromError', () => {
  const AT = { sent: { earliestMs: NOW, latestMs: NOW }, nowMs: NOW };

  const answered = (status: number, fields = {}) =>
    placedFromError(new TruedyResponseError('POST /calls', status, fields), AT);

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
      earliestSendMs: NOW,
      latestSendMs: NOW,
    });
  });

  it.each([
    100, 199, 300, 301, 302, 303, 304, 307, 308, 406, 408, 409, 410, 418, 421, 425, 426, 451, 499,
    500, 501, 502, 503, 504, 520, 524, 599, 999,
  ])('by a %d proves nothing', (status) => {
    expect(answered(status, { code: 'agent_not_found' })).toMatchObject({
      kind: 'unclear',
      earliestSendMs: NOW,
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
