import { createHealth } from '../../src/health';

function health({ live = true, because = [] as string[] } = {}) {
  const app = createHealth({ isLive: () => live, because: async () => because });
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
