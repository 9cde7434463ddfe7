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

describe('the measured lag', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  /** A histogram of the event loop that is told what it measured. */
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

  it('is the same for everybody who asks', () => {
    const { histogram, lagMs } = measured();
    histogram.max = 12e9;
    expect([lagMs(), lagMs(), lagMs()]).toEqual([12_000, 12_000, 12_000]);
  });

  it('is seen by a probe that asks every 10 s, and forgotten after 20 s', () => {
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

  it('asks once for all who ask within a second', async () => {
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
