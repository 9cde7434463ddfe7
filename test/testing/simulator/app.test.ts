import { marked, NUMBER, simulated } from './support/simulated';

describe('POST /calls', () => {
  it('returns 201 with the bare object of the guide, and dials once', async () => {
    const { post, simulator } = simulated();
    const answer = await post({ variables: { temporal_ref: 'default/call/1#1', name: 'Žofie' } });
    expect(answer.status).toBe(201);
    expect(await answer.json()).toMatchObject({
      status: 'queued',
      phone_number: NUMBER,
      variables: { temporal_ref: 'default/call/1#1', name: 'Žofie' },
      duration_seconds: null,
    });
    expect(simulator.dials()).toMatchObject([{ seq: 1, ref: 'default/call/1#1', postNo: 1 }]);
  });

  it('goes through ringing and in-progress to ended, and sends a webhook for each', async () => {
    const { post, read, clock, events, json } = simulated();
    const { id } = await json(post());
    const statuses: string[] = [];
    for (const ms of [500, 500, 2_000]) {
      await clock.advance(ms);
      statuses.push((await json(read(id))).status);
    }
    expect(statuses).toEqual(['ringing', 'in-progress', 'ended']);
    expect(events()).toEqual(['call.started', 'call.joined', 'call.ended']);
  });

  it.each([
    ['no body', 'x', 400, 'bad_request'],
    ['no agent', { phone_number: NUMBER }, 422, 'validation_error'],
    ['no number', { agent_id: 'a' }, 422, 'validation_error'],
    ['a bad number', { agent_id: 'a', phone_number: '0415' }, 422, 'invalid_phone_number'],
    [
      'a missing agent',
      { agent_id: 'agent_missing', phone_number: NUMBER },
      404,
      'agent_not_found',
    ],
    ['a draft', { agent_id: 'agent_draft', phone_number: NUMBER }, 422, 'agent_not_active'],
    [
      'an agent without a number',
      { agent_id: 'agent_nonumber', phone_number: NUMBER },
      422,
      'no_phone_number_configured',
    ],
  ])('refuses %s without a dial', async (_what, body, status, code) => {
    const { request, simulator, json } = simulated();
    const answer = await request('/api/public/v1/calls', body);
    expect(answer.status).toBe(status);
    expect((await json(answer)).error.code).toBe(code);
    expect(simulator.dials()).toEqual([]);
  });

  it('returns 401 for a wrong key', async () => {
    const { post } = simulated({ apiKey: 'truedy_right' });
    expect((await post()).status).toBe(401);
  });

  it('serves its paths only without a trailing slash', async () => {
    const { request, simulator, json } = simulated();
    const answer = await request('/api/public/v1/calls/', { agent_id: 'a', phone_number: NUMBER });
    expect([answer.status, answer.headers.get('location')]).toEqual([307, '/api/public/v1/calls']);
    expect(await json(request('/api/public/v1/call'))).toEqual({ detail: 'Not Found' });
    expect(simulator.dials()).toEqual([]);
  });

  it('logs the exact text of every POST, without the account key', async () => {
    const { request, json } = simulated();
    const body = '{ "variables":{"b":"","a":"☎"}, "agent_id":"x","phone_number":"+14155550100" }';
    await request('/api/public/v1/calls', body);
    const { posts } = await json(request('/_sim/ledger'));
    expect(posts[0]).toMatchObject({ seq: 1, status: 201, body });
    expect(JSON.stringify(posts)).not.toContain('truedy_test');
  });
});

describe('GET /calls', () => {
  it('lists newest first, in pages', async () => {
    const { post, list, clock, json } = simulated();
    for (const reference of ['n/w#1', 'n/w#2', 'n/w#3']) {
      await post(marked(reference));
      await clock.advance(10);
    }
    const { data, pagination } = await json(list('limit=2&offset=0'));
    expect(data.map((row: { variables: object }) => row.variables)).toEqual([
      { temporal_ref: 'n/w#3' },
      { temporal_ref: 'n/w#2' },
    ]);
    expect(pagination).toEqual({ total: 3, limit: 2, offset: 0, has_more: true });
  });
});

describe('GET /agents', () => {
  it('reports the status and the outbound numbers of each agent', async () => {
    const { request, json } = simulated();
    const { data, pagination } = await json(request('/api/public/v1/agents?limit=100&offset=0'));
    expect(data.map(({ id, status }: any) => [id, status])).toContainEqual([
      'agent_draft',
      'draft',
    ]);
    const numbers = Object.fromEntries(
      data.map(({ id, outbound_phone_numbers }: any) => [id, outbound_phone_numbers.length]),
    );
    expect(numbers).toMatchObject({ agent_1: 1, agent_nonumber: 0 });
    expect(pagination).toMatchObject({ total: 4, has_more: false });
  });

  it('does not list the missing agent', async () => {
    const { request } = simulated();
    const text = await (await request('/api/public/v1/agents')).text();
    expect(text).not.toContain('agent_missing');
  });

  it('is paged', async () => {
    const { request, json } = simulated();
    const { data } = await json(request('/api/public/v1/agents?limit=1&offset=1'));
    expect(data.map(({ id }: any) => id)).toEqual(['agent_1']);
  });

  it('returns 401 for a wrong key, and fails during a scripted outage', async () => {
    const { request, plan } = simulated({ apiKey: 'truedy_test' });
    const headers = { authorization: 'Bearer truedy_other' };
    expect((await request('/api/public/v1/agents', undefined, headers)).status).toBe(401);
    await plan({ outages: [{ on: ['agents'], forMs: 1_000, status: 503 }] });
    expect((await request('/api/public/v1/agents')).status).toBe(503);
  });
});
