import * as fc from 'fast-check';
import { toResponseError } from '../../src/truedy/error-response';
import { fixture } from '../fixtures';

const NOW = Date.parse('2026-12-01T09:00:00.000Z');

function answer(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return toResponseError(
    'POST /calls',
    { status, header: (name) => headers[name], body: text },
    NOW,
  );
}

function notFound(code: string, message?: string, details?: object) {
  return answer(404, { error: { code, message, details } });
}

describe('toResponseError', () => {
  it.each([
    [
      'error-e1',
      429,
      { code: 'rate_limit_exceeded', requestId: 'req_e1', retryAtMs: NOW + 30_000 },
    ],
    ['error-e2', 402, { code: 'payment_required', requestId: 'req_e2' }],
    ['error-e3', 413, { code: 'payload_too_large' }],
    ['error-e4', 422, { code: 'validation_error' }],
    ['error-e5', 429, { code: 'rate_limit_exceeded', retryAtMs: NOW + 45_000 }],
  ])('reads %s', (name, status, told) => {
    expect(answer(status, fixture(name))).toMatchObject({ status, namesCall: false, ...told });
  });

  it.each([
    ['a framework’s bare text', fixture('error-e5-text')],
    ['the HTML of a gateway', fixture('error-e6')],
    ['nothing', ''],
    ['cut JSON', '{"error":{"code":"not_f'],
    ['null', 'null'],
    ['a list', '[]'],
    ['an error that is text', { error: 'not_found' }],
    ['a code that is a number', { error: { code: 7 } }],
  ])('finds no code in %s', (_, body) => {
    const error = answer(404, body);
    expect(error).toMatchObject({ status: 404, namesCall: false });
    expect(error.code).toBeUndefined();
  });

  it('folds a code to lower case and cuts it', () => {
    expect(answer(422, { error: { code: 'INVALID_PHONE_NUMBER' } }).code).toBe(
      'invalid_phone_number',
    );
    expect(answer(422, { error: { code: 'x'.repeat(500) } }).code).toHaveLength(64);
  });

  it.each(['+14155550101', 'no such\u001b[31m code', 'zoë', '<b>', '7'])(
    'takes %j for no code, since codes stand in messages',
    (code) => {
      const error = answer(422, { error: { code } });
      expect(error.code).toBeUndefined();
      expect(error.message).toBe('POST /calls answered 422');
    },
  );

  it.each(['', 'a b', 'a\r\nb', 'x'.repeat(129), 'é'])('ignores the request id %j', (id) => {
    const body = { error: { code: 'a', request_id: id }, meta: { request_id: id } };
    expect(answer(500, body, { 'x-request-id': id }).requestId).toBeUndefined();
  });

  it('reads details of any depth', () => {
    const depth = 50_000;
    const body = `{"error":{"code":"a","details":{"x":${'['.repeat(depth)}${']'.repeat(depth)}}}}`;
    expect(answer(404, body)).toMatchObject({ code: 'a', namesCall: false });
  });

  it.each([
    ['meta', { error: { code: 'a', request_id: 'two' }, meta: { request_id: 'one' } }, 'one'],
    ['the error', { error: { code: 'a', request_id: 'two' } }, 'two'],
    ['the header', { error: { code: 'a' } }, 'three'],
    ['the header of HTML', '<html>', 'three'],
  ])('reads the request id from %s', (_, body, requestId) => {
    expect(answer(500, body, { 'x-request-id': 'three' }).requestId).toBe(requestId);
  });

  it.each([
    ['Call not found', notFound('not_found', 'Call not found'), true],
    ['a code that says call', notFound('call_not_found'), true],
    ['details with a call', notFound('not_found', 'No such resource', { call_id: 'call_1' }), true],
    [
      'details whose words are a call',
      notFound('not_found', 'Not found', { resource: 'call' }),
      true,
    ],
    ['details with the id of a call', notFound('not_found', undefined, { id: 'call_01hx' }), true],
    ['a sentence in details', notFound('not_found', undefined, { reason: 'no such call' }), true],
    [
      'the kind of its details',
      notFound('not_found', undefined, { kind: 'Call_Recording-1' }),
      true,
    ],
    ['details with the key of a call', notFound('not_found', undefined, { callId: 'x' }), true],
    ['details of a recall', notFound('not_found', undefined, { id: 'recall' }), false],
    ['a framework’s text', answer(404, { detail: 'Call not found' }), true],
    ['an error that is text', answer(404, { error: 'call_not_found' }), true],
    ['a framework’s text of an agent', answer(404, { detail: 'Agent not found' }), false],
    ['an agent whose id says call', notFound('not_found', '', { agent_id: 'call' }), false],
    ['an agent, and advice', notFound('agent_not_found', '', { hint: 'Call support' }), false],
    ['Agent not found', notFound('not_found', 'Agent not found'), false],
    ['agent_not_found', notFound('agent_not_found', 'No agent for this call'), false],
    ['no kind of thing', notFound('not_found', 'Resource not found'), false],
    ['a word that holds "call"', notFound('not_found', 'Recalling failed'), false],
    ['a call, at another status', answer(400, { error: { code: 'x', message: 'call' } }), false],
  ])('recognizes whether a 404 names a call: %s', (_, error, names) => {
    expect(error.namesCall).toBe(names);
  });

  it('sets retryAtMs only for a 429', () => {
    const headers = { 'retry-after': '5' };
    expect(answer(429, '', headers).retryAtMs).toBe(NOW + 5_000);
    expect(answer(503, '', headers).retryAtMs).toBeUndefined();
  });

  it.each([
    ['its body', { error: { details: { reset_at: '2026-12-01T09:00:30Z' } } }, {}],
    ['X-RateLimit-Reset', '', { 'x-ratelimit-reset': String(NOW / 1_000 + 30) }],
  ])('reads retryAtMs from %s', (_, body, headers) => {
    expect(answer(429, body, headers).retryAtMs).toBe(NOW + 30_000);
  });

  it('reads a framework’s list of errors as a validation error', () => {
    expect(answer(422, { detail: [{ loc: ['body'], msg: 'x' }] }).code).toBe('validation_error');
    expect(answer(422, { details: [] }).code).toBeUndefined();
  });

  it('retries after a minute if a 429 does not say when', () => {
    expect(answer(429, '').retryAtMs).toBe(NOW + 60_000);
  });

  it('names request, status and code in its message, and nothing of the body', () => {
    const error = answer(422, { error: { code: 'invalid_phone_number', message: '+14155550101' } });
    expect(error.message).toBe('POST /calls answered 422 invalid_phone_number');
    expect(answer(502, '<html>+14155550101').message).toBe('POST /calls answered 502');
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 999 }),
        fc.json(),
        fc.string(),
        (status, json, text) => {
          expect(() => [answer(status, json), answer(status, text)]).not.toThrow();
        },
      ),
    );
  });
});

describe('a 404 that names a call and an agent', () => {
  it('is about the call if its details contain a call id', () => {
    const details = { call_id: 'call_1', agent_id: 'agent_1' };
    expect(notFound('not_found', 'Not found', details).namesCall).toBe(true);
  });

  it.each(['call', 'CallId', 'call_1', 'call-01hx', 'call_'])(
    'is about the call if its details say %s',
    (id) => expect(notFound('not_found', 'No such agent', { id }).namesCall).toBe(true),
  );

  it.each(['recall', 'calling', 'call 1'])('is about the agent if its details say %s', (id) => {
    expect(notFound('not_found', 'No such agent', { id }).namesCall).toBe(false);
  });

  it('is about the agent if its message says so', () => {
    expect(notFound('not_found', 'No agent for this call').namesCall).toBe(false);
  });
});
