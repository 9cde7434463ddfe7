import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError, type Client, type WorkflowHandle } from '@temporalio/client';
import { askedToStop } from '../../runtime/process';
import { endingOf, type Results } from './results-file';
import type { BatchRow } from './rows';
import type { Tally } from './summary';
import { canHaveAttributes, readStarterSettings, startCall } from '../call/start';
import type { Temporal } from '../../temporal/client';

const LOOKUPS_AT_ONCE = 20;

/** The ids among those of the rows that Temporal knows, whether they run or have ended. */
export async function findStarted(
  client: Client,
  rows: readonly BatchRow[],
): Promise<ReadonlySet<string>> {
  const started = new Set<string>();
  await inLanes(rows, LOOKUPS_AT_ONCE, async ({ workflowId }) => {
    try {
      // Strongly consistent, as a list is not: a run that began a moment ago is found.
      await client.workflow.getHandle(workflowId).describe();
      started.add(workflowId);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  });
  return started;
}

/** Starts the call of a row, or finds the one that was started before. */
export async function createStart(
  temporal: Temporal,
  env: NodeJS.ProcessEnv,
  started: ReadonlySet<string>,
): Promise<(row: BatchRow) => Promise<WorkflowHandle>> {
  const { taskQueue, searchAttributes } = readStarterSettings(env);
  const hasAttributes = await canHaveAttributes(temporal, searchAttributes);
  const { client } = temporal;
  return async ({ workflowId, input }) => {
    if (started.has(workflowId)) return client.workflow.getHandle(workflowId);
    return (await startCall(client, workflowId, input, { taskQueue, hasAttributes })).handle;
  };
}

export interface RingOptions {
  readonly started: ReadonlySet<string>;
  readonly start: (row: BatchRow) => Promise<WorkflowHandle>;
  readonly maxInFlight: number;
  /** Starts per second. */
  readonly rps: number | undefined;
  readonly tally: Tally;
  readonly results: Results;
  readonly signal: AbortSignal;
}

/** Calls all rows, so many at once, and hands on each result as it comes. */
export async function ringAll(rows: readonly BatchRow[], options: RingOptions): Promise<void> {
  const { started, start, maxInFlight, rps, tally, results, signal } = options;
  const isStarted = ({ workflowId }: BatchRow) => started.has(workflowId);
  const waitMs = createPace(rps);
  // What runs already comes first, so that no more than so many are ever open.
  const inOrder = [...rows.filter(isStarted), ...rows.filter((row) => !isStarted(row))];
  await inLanes(inOrder, maxInFlight, async (row) => {
    const turnInMs = isStarted(row) ? 0 : waitMs(Date.now());
    if (turnInMs > 0) await sleep(turnInMs);
    if (signal.aborted) return;
    tally.begin();
    const ending = await endingOf(await start(row));
    if (signal.aborted) return;
    results.add(row, ending);
    tally.end(row, ending.outcome);
  });
}

/** How long each start has to wait for its turn, in milliseconds: so many of them a second. */
export function createPace(perSecond = Infinity): (nowMs: number) => number {
  let nextMs = 0;
  return (nowMs) => {
    const turnMs = Math.max(nowMs, nextMs);
    nextMs = turnMs + 1_000 / perSecond;
    return turnMs - nowMs;
  };
}

/** Does something until it is done or a person wants no more of it; what it waits for is then left alone. */
export async function untilInterrupted(
  act: (signal: AbortSignal) => Promise<void>,
): Promise<'done' | 'interrupted'> {
  const stop = new AbortController();
  const interrupted = askedToStop({ signal: stop.signal }).then(() => 'interrupted' as const);
  try {
    return await Promise.race([act(stop.signal).then(() => 'done' as const), interrupted]);
  } finally {
    stop.abort();
  }
}

// --- internal ---

/** Takes the items in their order, so many at once. After a fault no further one is begun. */
async function inLanes<T>(
  items: readonly T[],
  lanes: number,
  act: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values();
  let isOver = false;
  const lane = async () => {
    for (const item of left) {
      if (isOver) return;
      await act(item);
    }
  };
  try {
    await Promise.all(Array.from({ length: lanes }, lane));
  } finally {
    isOver = true;
  }
}
