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

/** A batch whose calls end when the test says so. */
function newBatch(overrides: Partial<DispatchOptions> = {}) {
  const calls: { row: BatchRow; end: () => void; fail: (error: Error) => void }[] = [];
  const told: [BatchRow, RowResult][] = [];
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
    results: { add: (row, ending) => void told.push([row, ending]), close: () => undefined },
    signal: stop.signal,
    ...overrides,
  };
  return { calls, told, stop, options, ringing: dispatchAll(ROWS, options) };
}

/** Lets everything happen that waits for nothing but its turn. */
const settled = () => new Promise((turn) => setImmediate(turn));

describe('dispatchAll', () => {
  it('has no more calls open than it may, and starts the next one as one ends', async () => {
    const { calls, options, ringing } = newBatch();
    for (let ended = 0; ended < ROWS.length; ended += 1) {
      await settled();
      expect(calls).toHaveLength(Math.min(ended + 4, ROWS.length));
      expect(options.tally.counts()).toMatchObject({ ended, inFlight: calls.length - ended });
      calls[ended]?.end();
    }
    await ringing;
    expect(options.tally.counts()).toMatchObject({ ended: ROWS.length, inFlight: 0 });
  });

  it('tells each result as it comes, in whatever order', async () => {
    const { calls, told } = newBatch();
    await settled();
    calls[2]?.end();
    calls[0]?.end();
    await settled();
    expect(told.map(([row]) => row)).toEqual([ROWS[2], ROWS[0]]);
  });

  it('follows first what runs already', async () => {
    const running = ROWS.slice(9);
    const { calls } = newBatch({ started: new Set(running.map(({ workflowId }) => workflowId)) });
    await settled();
    expect(calls.map(({ row }) => row)).toEqual([...running, ROWS[0]]);
  });

  it('starts no further call once one has met a fault', async () => {
    const { calls, ringing } = newBatch();
    await settled();
    calls[1]?.fail(new Error('away'));
    await expect(ringing).rejects.toThrow('away');
    calls[0]?.end();
    await settled();
    expect(calls).toHaveLength(4);
  });

  it('neither starts nor tells anything once it is stopped', async () => {
    const { calls, told, stop } = newBatch();
    await settled();
    stop.abort();
    for (const call of calls) call.end();
    await settled();
    expect([calls.length, told]).toEqual([4, []]);
  });
});

describe('createRateLimit', () => {
  it('gives each start its turn, however many ask at once', () => {
    const waitMs = createRateLimit(4);
    expect([1_000, 1_000, 1_100, 1_100].map(waitMs)).toEqual([0, 250, 400, 650]);
  });

  it('saves no turns up for later', () => {
    const waitMs = createRateLimit(4);
    expect([1_000, 9_000, 9_000].map(waitMs)).toEqual([0, 0, 250]);
  });

  it('lets all start at once where there is no limit', () => {
    const waitMs = createRateLimit(undefined);
    expect([1_000, 1_000, 1_000].map(waitMs)).toEqual([0, 0, 0]);
  });
});
