import { marked, NUMBER, simulated } from '../support/simulated';

describe('faults of POST /calls', () => {
  it.each([
    ['500 after the dial', { kind: 'answer', status: 500, dials: true }, 500, 1],
    ['500 before it', { kind: 'answer', status: 500 }, 500, 0],
    ['502 after the dial', { kind: 'answer', status: 502, dials: true }, 502, 1],
    ['404 that names a call', { kind: 'answer', status: 404, dials: true }, 404, 1],
    ['402', { kind: 'answer', status: 402 }, 402, 0],
    ['429', { kind: 'answer', status: 429, resetAfterMs: 5_000 }, 429, 0],
    ['failed, though it rang', { kind: 'says_failed' }, 201, 1],
    ['two dials in one request', { kind: 'dials_twice' }, 201, 2],
  ])('can be %s', async (_what, fault, status, count) => {
    const { post, plan, simulator } = simulated();
    await plan({ defaults: { post: fault } });
    expect((await post(marked('n/w#1'))).status).toBe(status);
    expect(simulator.dials()).toHaveLength(count);
    expect(simulator.records.posts).toMatchObject([{ status, fault: fault.kind }]);
  });

  it.each([
    ['vendor', 'application/json', /"meta"/],
    ['bare', 'application/json', /^\{"error":\{"code":"provider_error"[^}]*\}\}$/],
    ['framework', 'application/json', /^\{"detail":/],
    ['html', 'text/html', /<h1>502<\/h1>/],
    ['empty', null, /^$/],
  ])('fails in the format of %s', async (as, type, body) => {
    const { post, plan } = simulated();
    await plan({ defaults: { post: { kind: 'answer', status: 502, as, retryAfterSeconds: 3 } } });
    const answer = await post();
    expect(answer.headers.get('content-type')).toBe(type);
    expect(answer.headers.get('retry-after')).toBe('3');
    expect(await answer.text()).toMatch(body);
  });

  it.each([
    [{ status: 422 }, [{ type: 'string_pattern_mismatch', loc: ['body', 'phone_number'] }]],
    [{ status: 429, code: 'rate_limit_exceeded' }, { error: { code: 'rate_limit_exceeded' } }],
    [{ status: 404 }, 'Not Found'],
  ])('fails in the format of the framework: %j', async (error, detail) => {
    const { post, plan, json } = simulated();
    await plan({ defaults: { post: { kind: 'answer', as: 'framework', ...error } } });
    expect(await json(post())).toMatchObject({ detail });
  });

  it('reports the call that it lost after a dial', async () => {
    const { post, plan, json } = simulated();
    await plan({ defaults: { post: { kind: 'answer', status: 404, dials: true } } });
    expect((await json(post())).error).toEqual({ code: 'not_found', message: 'Call not found.' });
  });

  it.each([
    ['truncated', /^\{"id":"call_[^}]*$/],
    ['missing_id', /^\{"nothing":0,/],
    ['number_id', /^\{"id":12345,/],
    ['long_id', /^\{"id":"call_x{500}"/],
    ['strange_id', /^\{"id":"\.\.\/calls\?x=1#\\u0000"/],
    ['html', /^<html>/],
    ['empty', /^$/],
    ['array', /^\[\{.*\}\]$/],
  ])('malforms the body of a success: %s', async (how, body) => {
    const { post, plan, simulator } = simulated();
    await plan({ defaults: { post: { kind: 'broken', how } } });
    const answer = await post();
    expect(answer.status).toBe(201);
    expect(await answer.text()).toMatch(body);
    expect(simulator.dials()).toHaveLength(1);
  });

  it('reports the true status once the false failure is corrected', async () => {
    const { post, read, clock, json } = simulated();
    const placed = await json(post({ phone_number: '+14155550123' }));
    expect(placed.status).toBe('failed');
    await clock.advance(3_000);
    expect(await json(read(placed.id))).toMatchObject({ status: 'ended', outcome: 'answered' });
  });
});

describe('X-Idempotency-Key', () => {
  const KEY = { 'x-idempotency-key': 'key-1' };

  /** Sends two POSTs with the same key. */
  async function twice(idempotency: object, second: { body?: object; headers?: object } = {}) {
    const { post, plan, simulator, json, clock } = simulated();
    await plan({ idempotency });
    const first = await json(post(marked('n/w#1'), KEY));
    await clock.advance(1_000);
    const again = await json(
      post({ ...marked('n/w#1'), ...second.body }, { ...KEY, ...second.headers }),
    );
    return { dials: simulator.dials().length, same: first.id === again.id };
  }

  it.each([
    ['the same body', { mode: 'documented' }, {}, 1],
    ['another body', { mode: 'documented' }, { body: { from_number: '+18005550101' } }, 2],
    ['one header more', { mode: 'documented' }, { headers: { traceparent: '00' } }, 1],
    ['one header more', { mode: 'legacy_hash' }, { headers: { traceparent: '00' } }, 2],
    ['another user agent', { mode: 'legacy_hash' }, { headers: { 'user-agent': 'x' } }, 1],
    ['the same body', { mode: 'broken' }, {}, 2],
    ['the same body', { mode: 'fail_open' }, {}, 2],
    ['the same body', { mode: 'documented', ttlMs: 500 }, {}, 2],
    ['the same body', { mode: 'non_atomic' }, {}, 1],
    ['the same body, soon', { mode: 'non_atomic', storeAfterMs: 5_000 }, {}, 2],
  ])('with %s and %j', async (_what, mode, second, dials) => {
    expect(await twice(mode, second)).toEqual({ dials, same: dials === 1 });
  });

  it('makes a second request wait for the first', async () => {
    const { post, plan, simulator, clock, json } = simulated();
    await plan({ numbers: { [NUMBER]: { post: { kind: 'slow', afterMs: 1_000 } } } });
    const both = Promise.all([json(post({}, KEY)), json(post({}, KEY))]);
    await clock.advance(2_000);
    const [first, second] = await both;
    expect(first.id).toBe(second.id);
    expect(simulator.dials()).toHaveLength(1);
  });

  it('does not store an error: the second try dials', async () => {
    const { post, plan, simulator } = simulated();
    const fault = { post: { kind: 'answer', status: 500, dials: true } };
    await plan({ numbers: { [NUMBER]: [fault, {}] } });
    await post({}, KEY);
    await post({}, KEY);
    expect(simulator.dials()).toHaveLength(2);
  });
});
