import { condition } from '@temporalio/workflow';

// Each run has modules of its own: this is the run's, and no other's.
let passedMs = 0;

/**
 * The time of the run, by the server's clock, in milliseconds since 1970.
 *
 * Not `Date.now()` alone: where a query waits until a worker comes, and a timer fires meanwhile, the SDK hands
 * that timer over with the time of the task before (seen with 1.24). What is decided by that time is another
 * thing than the history tells, and the run could not be replayed any more.
 */
export function now(): number {
  return Math.max(Date.now(), passedMs);
}

/** Waits until the instant, or until the conversation changes in a way that the caller looks for. */
export async function waitUntil(
  atMs: number,
  changed: () => boolean,
  summary: string,
): Promise<void> {
  // `condition` would take a timer of 0 for none at all.
  const restMs = Math.max(1, Math.ceil(atMs - now()));
  const isChanged = await condition(changed, restMs, { summary });
  // A timer that fired proves that its instant has passed.
  if (!isChanged) passedMs = Math.max(passedMs, atMs);
}
