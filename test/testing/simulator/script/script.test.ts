import { marked, NUMBER, simulated } from '../support/simulated';

describe('POST /_sim/plan', () => {
  it('returns 400 with every problem', async () => {
    const { request, json } = simulated();
    const answer = await request('/_sim/plan', {
      defaults: { phone: 'on_fire', times: { ringMs: -1 } },
      numbers: { 'not a number': {} },
      speed: 2,
    });
    expect(answer.status).toBe(400);
    const paths = (await json(answer)).faults.map(({ path }: { path: string }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(['defaults.phone', 'defaults.times.ringMs', 'numbers.not a number']),
    );
    expect((await request('/_sim/plan', 'x')).status).toBe(400);
  });

  it('applies a list to the POSTs to a number in turn, and its last item to all later ones', async () => {
    const { post, plan, simulator } = simulated();
    const tooMany = { post: { kind: 'answer', status: 429, resetAfterMs: 2_000 } };
    await plan({ numbers: { [NUMBER]: [tooMany, { post: { kind: 'answer', status: 503 } }, {}] } });
    const statuses = [];
    for (let n = 0; n < 4; n += 1) statuses.push((await post(marked(`n/w#${n}`))).status);
    expect(statuses).toEqual([429, 503, 201, 201]);
    expect(simulator.dials()).toHaveLength(2);
  });

  it('picks faults by seed and reference, so that a run can be repeated', async () => {
    const draw = async (value: string) => {
      const { post, plan } = simulated({ requestsPerMinute: null });
      const fault = { chance: 0.5, plan: { post: { kind: 'answer', status: 500 } } };
      await plan({ seed: { value, faults: [fault] } });
      const statuses = [];
      for (let n = 0; n < 40; n += 1) statuses.push((await post(marked(`n/w${n}#1`))).status);
      return statuses;
    };
    const first = await draw('a');
    expect(await draw('a')).toEqual(first);
    expect(await draw('b')).not.toEqual(first);
    expect(new Set(first)).toEqual(new Set([201, 500]));
  });

  it('affects only the first POST of a reference', async () => {
    const { post, plan } = simulated();
    const fault = { chance: 1, plan: { post: { kind: 'answer', status: 429 } } };
    await plan({ seed: { value: 'a', faults: [fault] } });
    expect((await post(marked('n/w#1'))).status).toBe(429);
    expect((await post(marked('n/w#1'))).status).toBe(201);
  });

  it('restores the initial settings on reset, except for calls and ledger', async () => {
    const { post, plan, simulator } = simulated();
    await plan({ defaults: { post: { kind: 'answer', status: 500, dials: true } }, echo: false });
    expect((await post()).status).toBe(500);
    await plan({ reset: true });
    expect((await post()).status).toBe(201);
    expect(simulator.dials()).toHaveLength(2);
  });

  it('starts and ends an outage', async () => {
    const { list, plan, clock, json } = simulated();
    await plan({ outages: [{ on: ['list'], fromMs: 1_000, forMs: 1_000, status: 402 }] });
    const seen = [];
    for (let n = 0; n < 3; n += 1) {
      seen.push((await list()).status);
      await clock.advance(1_000);
    }
    expect(seen).toEqual([200, 402, 200]);
    await plan({ outages: [{ forMs: 1_000, status: 403 }] });
    expect((await json(list())).error.code).toBe('forbidden');
  });

  it('limits requests per minute, and reports when the next minute begins', async () => {
    const { list, plan, clock, json } = simulated();
    await plan({ rateLimit: { perMinute: 2 } });
    await list();
    await list();
    const refused = await list();
    expect(refused.status).toBe(429);
    expect(await json(refused)).toMatchObject({
      error: { code: 'rate_limited', details: { limit: 2, reset_at: '2026-12-01T09:01:00.000Z' } },
    });
    await clock.advance(50_000);
    expect((await list()).status).toBe(200);
  });
});
