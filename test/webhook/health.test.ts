import { createHealth } from '../../src/health';

function health({ live = true, because = [] as string[], lagMs = 0 } = {}) {
  const app = createHealth({
    isLive: () => live,
    because: async () => because,
    lagMs: () => lagMs,
  });
  return async (path: string) => {
    const answer = await app.request(path);
    return [answer.status, await answer.json()];
  };
}

describe('/livez', () => {
  it('answers 200 to a process that lives', async () => {
    expect(await health()('/livez')).toEqual([200, { live: true }]);
  });

  it('answers 503 to a process that says it does not', async () => {
    expect(await health({ live: false })('/livez')).toEqual([503, { live: false }]);
  });

  it('answers 200 although the process is not ready', async () => {
    expect(await health({ because: ['Temporal is away'] })('/livez')).toEqual([
      200,
      { live: true },
    ]);
  });
});

describe('a held-up event loop', () => {
  it('is no matter up to 10 s', async () => {
    expect(await health({ lagMs: 10_000 })('/livez')).toEqual([200, { live: true }]);
  });

  it('answers 503 beyond, although the process says that it lives', async () => {
    expect(await health({ lagMs: 10_001 })('/livez')).toEqual([503, { live: false }]);
  });
});

describe('/readyz', () => {
  it('answers 200 where nothing speaks against it', async () => {
    expect(await health()('/readyz')).toEqual([200, { ready: true }]);
  });

  it('answers 503 with every reason', async () => {
    expect(await health({ because: ['a', 'b'] })('/readyz')).toEqual([
      503,
      { ready: false, because: ['a', 'b'] },
    ]);
  });
});
