import { createLineLimit, createRateLimitedLog } from '../../src/webhook/rate-limited-log';
import { capturedLog } from '../support/captured-log';
import { NOW_MS } from './support/bridge';

/** Counts several lines of one source and returns the last decision. */
function last(limit: ReturnType<typeof createLineLimit>, times: number, source = 'a') {
  return Array.from({ length: times }, () => limit.count(source)).at(-1);
}

describe('createLineLimit', () => {
  it('allows a hundred lines per minute', () => {
    const limit = createLineLimit(() => NOW_MS);
    expect(last(limit, 99)).toBe('log');
    expect([last(limit, 1), last(limit, 1)]).toEqual(['last', 'skip']);
  });

  it('starts again every minute', () => {
    let nowMs = NOW_MS;
    const limit = createLineLimit(() => nowMs);
    last(limit, 101);
    nowMs += 59_999;
    expect(last(limit, 1)).toBe('skip');
    nowMs += 1;
    expect(last(limit, 1)).toBe('log');
  });

  it('counts each source separately', () => {
    const limit = createLineLimit(() => NOW_MS);
    last(limit, 200);
    expect(last(limit, 1, 'b')).toBe('log');
  });

  it('allows a thousand lines of all sources together', () => {
    const limit = createLineLimit(() => NOW_MS);
    const decisions = Array.from({ length: 5_000 }, (_, n) => limit.count(`source-${n}`));
    expect(decisions.filter((decision) => decision !== 'skip')).toHaveLength(1_000);
  });
});

describe('createRateLimitedLog', () => {
  it('logs what was refused, and its source', () => {
    const { log, lines } = capturedLog();
    createRateLimitedLog(log, () => NOW_MS)('192.0.2.1', { reason: 'malformed' }, 'refused');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      reason: 'malformed',
      source: '192.0.2.1',
      msg: 'refused',
    });
  });

  it('reports once that lines are omitted, with the source only', () => {
    const { log, lines } = capturedLog();
    const logRefusal = createRateLimitedLog(log, () => NOW_MS);
    for (let n = 0; n < 10_000; n += 1) logRefusal('192.0.2.1', { reason: 'malformed' }, 'refused');
    expect(lines).toHaveLength(101);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      source: '192.0.2.1',
      msg: expect.stringContaining('counted, not logged'),
    });
  });
});
