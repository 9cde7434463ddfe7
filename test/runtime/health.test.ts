import { createHealth, measureLag } from '../../src/runtime/health';

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
  it('answers 200 if the process is live', async () => {
    expect(await health()('/livez')).toEqual([200, { live: true }]);
  });

  it('answers 503 if the process reports that it is not', async () => {
    expect(await health({ live: false })('/livez')).toEqual([503, { live: false }]);
  });

  it('answers 200 even if the process is not ready', async () => {
    expect(await health({ because: ['Temporal is unreachable'] })('/livez')).toEqual([
      200,
      { live: true },
    ]);
  });
});

describe('a blocked event loop', () => {
  it('is tolerated up to 10 s', async () => {
    expect(await health({ lagMs: 10_000 })('/livez')).toEqual([200, { live: true }]);
  });

  it('makes /livez answer 503 after that, even if the process reports that it is live', async () => {
    expect(await health({ lagMs: 10_001 })('/livez')).toEqual([503, { live: false }]);
  });
});

describe('the measured lag', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  /** A histogram whose measurements the test sets. */
  function measured() {
    jest.useFakeTimers();
    const histogram = {
      max: 0,
      enable: () => true,
      reset: () => {
        histogram.max = 0;
      },
    };
    return { histogram, lagMs: measureLag(histogram) };
  }

  it('is the same for all probes', () => {
    const { histogram, lagMs } = measured();
    histogram.max = 12e9;
    expect([lagMs(), lagMs(), lagMs()]).toEqual([12_000, 12_000, 12_000]);
  });

  it('is visible to a probe every 10 s, and gone after 20 s', () => {
    const { histogram, lagMs } = measured();
    histogram.max = 12e9;
    jest.advanceTimersByTime(10_000);
    expect(lagMs()).toBe(12_000);
    jest.advanceTimersByTime(10_000);
    expect(lagMs()).toBe(0);
  });
});

describe('/readyz', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('checks once for all probes within a second', async () => {
    jest.useFakeTimers();
    const because = jest.fn().mockResolvedValue([]);
    const app = createHealth({ isLive: () => true, because, lagMs: () => 0 });
    const ask = async () => (await app.request('/readyz')).status;
    expect(await Promise.all(Array.from({ length: 50 }, ask))).toEqual(Array(50).fill(200));
    await ask();
    expect(because).toHaveBeenCalledTimes(1);
    jest.advanceTimersByTime(1_000);
    because.mockResolvedValue(['a']);
    expect(await ask()).toBe(503);
    expect(because).toHaveBeenCalledTimes(2);
  });

  it('answers 200 without a reason not to', async () => {
    expect(await health()('/readyz')).toEqual([200, { ready: true }]);
  });

  it('answers 503 with every reason', async () => {
    expect(await health({ because: ['a', 'b'] })('/readyz')).toEqual([
      503,
      { ready: false, because: ['a', 'b'] },
    ]);
  });
});
