import { livePollers } from '../../src/temporal/task-queue';

const NOW = Date.parse('2026-12-01T09:00:00.000Z');

function poller(identity: string, agoMs?: number) {
  const atMs = agoMs === undefined ? undefined : NOW - agoMs;
  return { identity, atMs, perSecond: undefined };
}

describe('the pollers of a queue', () => {
  it('are live for two minutes after they polled, and remembered after that', () => {
    const { live, lastAgoMs } = livePollers([poller('a', 120_000), poller('b', 120_001)], NOW);
    expect(live.map(({ identity }) => identity)).toEqual(['a']);
    expect(lastAgoMs).toBe(120_000);
  });

  it('report when the last one polled, even if none is left', () => {
    expect(livePollers([poller('a', 240_000), poller('b', 180_000)], NOW)).toEqual({
      live: [],
      lastAgoMs: 180_000,
    });
  });

  it('report no poll if there is none, or none has a time', () => {
    expect(livePollers([], NOW)).toEqual({ live: [], lastAgoMs: Infinity });
    expect(livePollers([poller('a')], NOW)).toEqual({ live: [], lastAgoMs: Infinity });
  });
});
