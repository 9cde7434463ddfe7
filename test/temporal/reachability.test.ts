import { repeat } from '../../src/temporal/interval';
import { watchTemporal } from '../../src/temporal/reachability';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

/** A server that answers until it is told not to, under a watch that began at 0 s. */
async function watched() {
  const server = { answers: true, hangs: false, pings: 0 };
  const heard: boolean[] = [];
  const startMs = Date.now();
  const watch = watchTemporal({
    ping: () => {
      server.pings += 1;
      if (server.hangs) return new Promise(() => undefined);
      return server.answers ? Promise.resolve() : Promise.reject(new Error('refused'));
    },
    onPing: (isReachable) => heard.push(isReachable),
    now: () => Date.now() - startMs,
  });
  await jest.advanceTimersByTimeAsync(0);
  return { server, heard, watch };
}

const pass = (seconds: number) => jest.advanceTimersByTimeAsync(seconds * 1_000);

describe('watchTemporal', () => {
  it('has nothing against a server that answers, however long', async () => {
    const { watch, server } = await watched();
    await pass(300);
    expect(watch.because()).toEqual([]);
    expect(server.pings).toBe(31);
    watch.stop();
  });

  it('bears with a server while its last answer is at most 30 s old', async () => {
    const { watch, server } = await watched();
    server.answers = false;
    await pass(30);
    expect(watch.because()).toEqual([]);
    watch.stop();
  });

  it('says since when the server is away', async () => {
    const { watch, server } = await watched();
    server.answers = false;
    await pass(32);
    // The first ping that was missed came after 10 s.
    expect(watch.because()).toEqual(['temporal unreachable since 22 s']);
    watch.stop();
  });

  it('takes a server that hangs for one that is away', async () => {
    const { watch, server } = await watched();
    server.hangs = true;
    await pass(40);
    expect(watch.because()).toEqual(['temporal unreachable since 30 s']);
    watch.stop();
  });

  it('has nothing against a server that is back, and counts anew', async () => {
    const { watch, server } = await watched();
    server.answers = false;
    await pass(60);
    server.answers = true;
    await pass(10);
    expect(watch.because()).toEqual([]);
    server.answers = false;
    await pass(32);
    expect(watch.because()).toEqual(['temporal unreachable since 22 s']);
    watch.stop();
  });

  it('tells each ping', async () => {
    const { watch, server, heard } = await watched();
    server.answers = false;
    await pass(10);
    server.answers = true;
    await pass(10);
    expect(heard).toEqual([true, false, true]);
    watch.stop();
  });

  it('asks no more once it is stopped', async () => {
    const { watch, server } = await watched();
    watch.stop();
    await pass(300);
    expect(server.pings).toBe(1);
  });
});

describe('repeat', () => {
  it('begins the next only after the one before has ended', async () => {
    let open = 0;
    let most = 0;
    const stop = repeat(1_000, async () => {
      open += 1;
      most = Math.max(most, open);
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      open -= 1;
    });
    await pass(60);
    expect(most).toBe(1);
    stop();
  });

  it('does not go on when it is stopped within a task', async () => {
    let times = 0;
    const stop = repeat(1_000, async () => {
      times += 1;
      await new Promise((resolve) => setTimeout(resolve, 500));
    });
    stop();
    await pass(60);
    expect(times).toBe(1);
  });
});
