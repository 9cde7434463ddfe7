import { setPeriodic } from '../../src/temporal/interval';
import { monitorTemporal } from '../../src/temporal/reachability';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

/** A server that can stop answering, and a monitor that started at 0 s. */
async function monitored() {
  const server = { answers: true, hangs: false, pings: 0 };
  const heard: boolean[] = [];
  const startMs = Date.now();
  const monitor = monitorTemporal({
    ping: () => {
      server.pings += 1;
      if (server.hangs) return new Promise(() => undefined);
      return server.answers ? Promise.resolve() : Promise.reject(new Error('refused'));
    },
    onPing: (isReachable) => heard.push(isReachable),
    now: () => Date.now() - startMs,
  });
  await jest.advanceTimersByTimeAsync(0);
  return { server, heard, monitor };
}

const pass = (seconds: number) => jest.advanceTimersByTimeAsync(seconds * 1_000);

describe('monitorTemporal', () => {
  it('reports no problem while the server answers', async () => {
    const { monitor, server } = await monitored();
    await pass(300);
    expect(monitor.because()).toEqual([]);
    expect(server.pings).toBe(31);
    monitor.stop();
  });

  it('reports no problem while the last answer is at most 30 s old', async () => {
    const { monitor, server } = await monitored();
    server.answers = false;
    await pass(30);
    expect(monitor.because()).toEqual([]);
    monitor.stop();
  });

  it('reports for how long the server has been unreachable', async () => {
    const { monitor, server } = await monitored();
    server.answers = false;
    await pass(32);
    // The first failed ping was at 10 s.
    expect(monitor.because()).toEqual(['Temporal has been unreachable for 22 s']);
    monitor.stop();
  });

  it('treats a server that hangs as unreachable', async () => {
    const { monitor, server } = await monitored();
    server.hangs = true;
    await pass(40);
    expect(monitor.because()).toEqual(['Temporal has been unreachable for 30 s']);
    monitor.stop();
  });

  it('reports no problem once the server is back, and starts counting again', async () => {
    const { monitor, server } = await monitored();
    server.answers = false;
    await pass(60);
    server.answers = true;
    await pass(10);
    expect(monitor.because()).toEqual([]);
    server.answers = false;
    await pass(32);
    expect(monitor.because()).toEqual(['Temporal has been unreachable for 22 s']);
    monitor.stop();
  });

  it('reports each ping', async () => {
    const { monitor, server, heard } = await monitored();
    server.answers = false;
    await pass(10);
    server.answers = true;
    await pass(10);
    expect(heard).toEqual([true, false, true]);
    monitor.stop();
  });

  it('stops pinging', async () => {
    const { monitor, server } = await monitored();
    monitor.stop();
    await pass(300);
    expect(server.pings).toBe(1);
  });
});

describe('setPeriodic', () => {
  it('starts the next run only after the last has ended', async () => {
    let open = 0;
    let most = 0;
    const stop = setPeriodic(1_000, async () => {
      open += 1;
      most = Math.max(most, open);
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      open -= 1;
    });
    await pass(60);
    expect(most).toBe(1);
    stop();
  });

  it('does not continue if stopped within a task', async () => {
    let times = 0;
    const stop = setPeriodic(1_000, async () => {
      times += 1;
      await new Promise((resolve) => setTimeout(resolve, 500));
    });
    stop();
    await pass(60);
    expect(times).toBe(1);
  });
});
