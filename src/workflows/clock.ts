import { condition } from '@temporalio/workflow';

let passedMs = 0;

/**
 * The time of the workflow, in milliseconds since 1970, but never earlier than a timer that has fired.
 *
 * When a worker stops just as a timer fires, and a query is waiting, Core can give the next workflow task of an uncached
 * run the time of the task before it (seen with SDK 1.24). A run that then sees its timer's instant in the future takes
 * another path than its history, and every replay fails.
 */
export function currentMs(): number {
  return Math.max(Date.now(), passedMs);
}

/** Records that a timer for this instant has fired. */
export function markPassed(atMs: number): void {
  passedMs = Math.max(passedMs, atMs);
}

/** Waits until the instant, or until `isInterrupted` returns `true`. */
export async function waitUntil(
  atMs: number,
  isInterrupted: () => boolean,
  summary: string,
): Promise<void> {
  // `condition` treats a timeout of 0 as no timeout.
  const waitMs = Math.max(1, Math.ceil(atMs - currentMs()));
  if (!(await condition(isInterrupted, waitMs, { summary }))) markPassed(atMs);
}
