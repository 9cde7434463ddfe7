import { simulated } from '../support/simulated';

async function readings(readPlan: object, count: number) {
  const { post, read, plan, clock, json } = simulated();
  await plan({ defaults: { read: readPlan } });
  const { id } = await json(post());
  await clock.advance(3_000);
  const seen: (string | number)[] = [];
  for (let n = 0; n < count; n += 1) {
    const answer = await read(id);
    seen.push(answer.status === 200 ? (await json(answer)).status : answer.status);
  }
  return seen;
}

describe('GET /calls/:id', () => {
  it('returns 404 for an unknown id', async () => {
    const { read, json } = simulated();
    const answer = await read('call_none');
    expect(answer.status).toBe(404);
    expect((await json(answer)).error.code).toBe('not_found');
  });

  it.each([
    ['404, then found', { missing: 2 }, [404, 404, 'ended']],
    [
      'changing and unknown statuses',
      { says: ['ringing', 'queued', 'dancing'] },
      ['ringing', 'queued', 'dancing', 'ended'],
    ],
    ['an ending that is corrected', { firstEnding: 'failed' }, ['failed', 'ended']],
    ['failing, then well', { fail: { status: 503, times: 2 } }, [503, 503, 'ended']],
    ['404 before other words', { missing: 1, says: ['queued'] }, [404, 'queued', 'ended']],
  ])('can be %s', async (_what, plan, seen) => {
    expect(await readings(plan, seen.length)).toEqual(seen);
  });

  it('can report another number than the one dialed', async () => {
    const { post, read, plan, json } = simulated();
    await plan({ defaults: { read: { number: '+14155550177' } } });
    const { id } = await json(post());
    expect((await json(read(id))).phone_number).toBe('+14155550177');
  });

  it('keeps reporting failed if Truedy lost the call that it dialed', async () => {
    const { post, read, plan, clock, json, events, simulator } = simulated();
    await plan({ defaults: { post: { kind: 'says_failed' } } });
    const placed = await json(post());
    expect(placed.status).toBe('failed');
    await clock.advance(5_000);
    expect(await json(read(placed.id))).toMatchObject({ status: 'failed', duration_seconds: null });
    expect(events()).toEqual([]);
    expect(simulator.dials()).toHaveLength(1);
  });

  it('ends a stuck call on request, once', async () => {
    const { post, read, request, json, events } = simulated();
    const { id } = await json(post({ phone_number: '+14155550110' }));
    const ending = { status: 'ended', outcome: 'busy', duration_seconds: 0 };
    expect((await request(`/_sim/calls/${id}/end`, ending)).status).toBe(200);
    expect((await request(`/_sim/calls/${id}/end`, ending)).status).toBe(409);
    expect(await json(read(id))).toMatchObject({ status: 'ended', outcome: 'busy' });
    expect(events()).toEqual(['call.ended']);
  });

  it('is logged with its time, so that tests can check the pace', async () => {
    const { post, read, request, clock, json } = simulated();
    const { id } = await json(post());
    await clock.advance(5_000);
    await read(id);
    const { requests } = await json(request('/_sim/log'));
    expect(requests[1]).toMatchObject({
      kind: 'read',
      callId: id,
      at: '2026-12-01T09:00:15.000Z',
      status: 200,
    });
  });
});
