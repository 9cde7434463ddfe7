import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { waitForResult, type Results } from './results-file';
import type { BatchRow } from './rows';
import type { Tally } from './summary';
import { canHaveAttributes, readStarterSettings, startOrFind } from '../../client/start-call';
import { exists } from '../shared/connect';
import { runConcurrently } from '../shared/run-concurrently';
import type { Temporal } from '../../temporal/client';

const CONCURRENT_LOOKUPS = 20;

/** The workflow IDs of the rows that were started before, whether they are running or have ended. */
export async function findStarted(
  client: Client,
  rows: readonly BatchRow[],
): Promise<ReadonlySet<string>> {
  const started = new Set<string>();
  await runConcurrently(rows, CONCURRENT_LOOKUPS, async ({ workflowId }) => {
    if (await exists(client.workflow.getHandle(workflowId))) started.add(workflowId);
  });
  return started;
}

/** Returns a function that starts the call of a row, or finds the one that was started before. */
export async function createStart(
  temporal: Temporal,
  env: NodeJS.ProcessEnv,
  started: ReadonlySet<string>,
): Promise<(row: BatchRow) => Promise<WorkflowHandle>> {
  const { taskQueue, searchAttributes } = readStarterSettings(env);
  const { client, connection, namespace } = temporal;
  const hasAttributes = await canHaveAttributes(connection, namespace, searchAttributes);
  return async ({ workflowId, input }) => {
    if (started.has(workflowId)) return client.workflow.getHandle(workflowId);
    return (await startOrFind(client, workflowId, input, { taskQueue, hasAttributes })).handle;
  };
}

export interface DispatchOptions {
  readonly started: ReadonlySet<string>;
  readonly start: (row: BatchRow) => Promise<WorkflowHandle>;
  readonly maxInFlight: number;
  /** Starts per second. */
  readonly rps: number | undefined;
  readonly tally: Tally;
  readonly results: Results;
  readonly signal: AbortSignal;
}

/** Starts all rows, at most `maxInFlight` open at a time, and writes each result when it arrives. */
export async function dispatchAll(
  rows: readonly BatchRow[],
  options: DispatchOptions,
): Promise<void> {
  const { started, start, maxInFlight, rps, tally, results, signal } = options;
  const isStarted = ({ workflowId }: BatchRow) => started.has(workflowId);
  const delayMs = createRateLimit(rps);
  // Running calls come first, so that `maxInFlight` is never exceeded.
  const inOrder = [...rows.filter(isStarted), ...rows.filter((row) => !isStarted(row))];
  await runConcurrently(inOrder, maxInFlight, async (row) => {
    const startInMs = isStarted(row) ? 0 : delayMs(Date.now());
    if (startInMs > 0) await sleep(startInMs);
    if (signal.aborted) return;
    tally.begin();
    const result = await waitForResult(await start(row));
    if (signal.aborted) return;
    results.add(row, result);
    tally.end(row, result.outcome);
  });
}

/** Spaces out starts. Returns a function that returns how many milliseconds the next start has to wait. */
export function createRateLimit(perSecond = Infinity): (nowMs: number) => number {
  let nextMs = 0;
  return (nowMs) => {
    const startMs = Math.max(nowMs, nextMs);
    nextMs = startMs + 1_000 / perSecond;
    return startMs - nowMs;
  };
}
