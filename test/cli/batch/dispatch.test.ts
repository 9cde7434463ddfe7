import type { WorkflowHandle } from '@temporalio/client';
import type { RowResult } from '../../../src/cli/batch/results-file';
import {
  createRateLimit,
  dispatchAll,
  type DispatchOptions,
} from '../../../src/cli/batch/dispatch';
import type { BatchRow } from '../../../src/cli/batch/rows';
import { createTally } from '../../../src/cli/batch/summary';

const ROWS = Array.from({ length: 12 }, (_, index): BatchRow => {
  const key = `order-${index}`;
  const call = { agent_id: 'agent_1', phone_number: '+14155550101' };
  return { line: index + 2, key, workflowId: `call/spring/${key}`, input: { call } };
});

/** A batch whose calls the test ends. */
function newBatch(overrides: Partial<DispatchOptions> = {}) {
  const calls: { row: BatchRow; end: () => void; fail: (error: Error) => void }[] = [];
  const reported: [BatchRow, RowResult][] = [];
  const stop = new AbortController();
  const start = async (row: BatchRow) => {
    const result = new Promise((resolve, fail) => {
      calls.push({ row, end: () => resolve({ outcome: 'answered', attempts: [] }), fail });
    });
    return { result: () => result } as unknown as WorkflowHandle;
  };
  const options: DispatchOptions = {
    started: new Set(),
    start,
    maxInFlight: 4,
    rps: undefined,
    tally: createTally(ROWS, new Map()),
    results: { add: (row, result) => void reported.push([row, result]), close: () => undefined },
    signal: stop.signal,
    ...overrides,
  };
  return { calls, reported, stop, options, dispatching: dispatchAll(ROWS, options) };
}

/** Resolves after all pending promise callbacks ran. */
const settled = () => new Promise((done) => setImmediate(done));

describe('dispatchAll', () => {
  it('keeps at most maxInFlight calls open, and starts the next one when one ends', async () => {
    const { calls, options, dispatching } = newBatch();
    for (let ended = 0; ended < ROWS.length; ended += 1) {
      await settled();
      expect(calls).toHaveLength(Math.min(ended + 4, ROWS.length));
      expect(options.tally.counts()).toMatchObject({ ended, inFlight: calls.length - ended });
      calls[ended]?.end();
    }
    await dispatching;
    expect(options.tally.counts()).toMatchObject({ ended: ROWS.length, inFlight: 0 });
  });

  it('reports each result when its call ends, in any order', async () => {
    const { calls, reported } = newBatch();
    await settled();
    calls[2]?.end();
    calls[0]?.end();
    await settled();
    expect(reported.map(([row]) => row)).toEqual([ROWS[2], ROWS[0]]);
  });

  it('follows the calls first that already run', async () => {
    const running = ROWS.slice(9);
    const { calls } = newBatch({ started: new Set(running.map(({ workflowId }) => workflowId)) });
    await settled();
    expect(calls.map(({ row }) => row)).toEqual([...running, ROWS[0]]);
  });

  it('starts no further calls after an error', async () => {
    const { calls, dispatching } = newBatch();
    await settled();
    calls[1]?.fail(new Error('unavailable'));
    await expect(dispatching).rejects.toThrow('unavailable');
    calls[0]?.end();
    await settled();
    expect(calls).toHaveLength(4);
  });

  it('neither starts calls nor reports results after it was stopped', async () => {
    const { calls, reported, stop } = newBatch();
    await settled();
    stop.abort();
    for (const call of calls) call.end();
    await settled();
    expect([calls.length, reported]).toEqual([4, []]);
  });
});

describe('createRateLimit', () => {
  it('spaces concurrent starts evenly', () => {
    const waitMs = createRateLimit(4);
    expect([1_000, 1_000, 1_100, 1_100].map(waitMs)).toEqual([0, 250, 400, 650]);
  });

  it('does not accumulate unused starts', () => {
    const waitMs = createRateLimit(4);
    expect([1_000, 9_000, 9_000].map(waitMs)).toEqual([0, 0, 250]);
  });

  it('does not delay starts without a limit', () => {
    const waitMs = createRateLimit(undefined);
    expect([1_000, 1_000, 1_000].map(waitMs)).toEqual([0, 0, 0]);
  });
});
