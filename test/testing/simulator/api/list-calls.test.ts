import { marked, simulated } from '../support/simulated';

interface Row {
  readonly id: string | null;
  readonly phone_number: string;
  readonly variables?: { readonly temporal_ref?: string };
}

/** Places three calls a second apart. Returns a function that lists their references. */
async function listed(plan: object) {
  const set = simulated();
  await set.plan(plan);
  for (const n of [1, 2, 3]) {
    await set.post(marked(`n/w#${n}`));
    await set.clock.advance(1_000);
  }
  const rows = async (query?: string): Promise<readonly Row[]> =>
    (await set.json(set.list(query))).data;
  const attempts = async (query?: string) =>
    (await rows(query)).map(({ variables }) => variables?.temporal_ref?.slice(-1));
  return { ...set, rows, attempts };
}

describe('GET /calls', () => {
  it('lists a new call late', async () => {
    const { attempts, clock } = await listed({ list: { lagMs: 2_500 } });
    expect(await attempts()).toEqual(['1']);
    await clock.advance(2_500);
    expect(await attempts()).toEqual(['3', '2', '1']);
  });

  it('limits its pages, whatever the query asks for', async () => {
    const { attempts } = await listed({ list: { pageCap: 2 } });
    expect(await attempts('limit=100&offset=0')).toEqual(['3', '2']);
    expect(await attempts('limit=100&offset=2')).toEqual(['1']);
  });

  it('fails only on page 2, as often as scripted', async () => {
    const { list } = await listed({
      list: { pageCap: 2, fail: { status: 500, page: 2, times: 1 } },
    });
    expect((await list('limit=100&offset=0')).status).toBe(200);
    expect((await list('limit=100&offset=2')).status).toBe(500);
    expect((await list('limit=100&offset=2')).status).toBe(200);
  });

  it('is empty, oldest first, or stale', async () => {
    const { attempts, plan, post } = await listed({ list: { empty: true } });
    expect(await attempts()).toEqual([]);
    await plan({ list: { order: 'oldest' } });
    expect(await attempts()).toEqual(['1', '2', '3']);
    await plan({ list: { frozen: true } });
    await post(marked('n/w#4'));
    expect(await attempts()).toEqual(['4', '3', '2', '1']);
  });

  it('shows nothing newer once it is frozen', async () => {
    const { attempts, plan, post, clock } = await listed({});
    await plan({ list: { frozen: true } });
    await clock.advance(1);
    await post(marked('n/w#4'));
    expect(await attempts()).toEqual(['3', '2', '1']);
  });

  it('shifts while a client pages', async () => {
    const { attempts } = await listed({ list: { inserts: true } });
    expect(await attempts('limit=2&offset=0')).toEqual(['3', '2']);
    expect(await attempts('limit=2&offset=2')).toEqual(['2', '1']);
  });

  it('shows a second row with our reference, which can be read', async () => {
    const { rows, read } = await listed({ defaults: { listing: { twin: true } } });
    const ids = (await rows()).map(({ id }) => id);
    expect(ids).toHaveLength(6);
    expect(new Set(ids).size).toBe(6);
    expect((await read(ids[1] ?? '')).status).toBe(200);
  });

  it('shows our reference with another number, or not at all', async () => {
    const { rows } = await listed({ defaults: { listing: { number: '+14155550177' } } });
    expect((await rows())[0]?.phone_number).toBe('+14155550177');
    const hidden = await listed({ defaults: { listing: { hidden: true } } });
    expect(await hidden.rows()).toEqual([]);
  });

  it('omits variables if echo is off', async () => {
    const { rows } = await listed({ echo: false });
    expect((await rows())[0]).not.toHaveProperty('variables');
  });

  it('contains a row without an id', async () => {
    const { rows } = await listed({ list: { malformed: true } });
    expect((await rows())[0]?.id).toBeNull();
  });

  it('ignores filters, and refuses a limit over 100', async () => {
    const { attempts, list } = await listed({});
    expect(await attempts('limit=100&offset=0&agent_id=other&status=failed')).toHaveLength(3);
    expect((await list('limit=101')).status).toBe(422);
  });
});
