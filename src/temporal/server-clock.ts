import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionLike } from '@temporalio/client';
import { readQueue } from './task-queue';

/** Used only here. No task is ever scheduled on it. */
const QUEUE = 'truedy-doctor';
const POLL_LIMIT_MS = 10_000;
const READS = 20;
const READ_EVERY_MS = 50;

/**
 * How far the server's clock is ahead of ours, in milliseconds.
 *
 * No API returns the server's time, but a task queue reports when it was last polled. So this polls a queue of our
 * own for a moment, and reads that queue meanwhile.
 *
 * @returns `undefined` if the server does not report the poll.
 */
export async function serverSkewMs(
  connection: ConnectionLike,
  namespace: string,
  now: () => number = Date.now,
): Promise<number | undefined> {
  const identity = `doctor-${process.pid}-${Date.now()}`;
  const polling = new AbortController();
  const startMs = now();
  connection
    .withAbortSignal(polling.signal, () =>
      // The server rejects a long poll without a deadline.
      connection.withDeadline(Date.now() + POLL_LIMIT_MS, () =>
        connection.workflowService.pollActivityTaskQueue({
          namespace,
          taskQueue: { name: QUEUE },
          identity,
        }),
      ),
    )
    // It fails because it is aborted below, or because the server rejects it, in which case no poll is found.
    .catch(() => undefined);
  try {
    for (let read = 0; read < READS; read += 1) {
      const { pollers } = await readQueue(connection, namespace, QUEUE, 'activity');
      const atMs = pollers.find((poller) => poller.identity === identity)?.atMs;
      // The poll reached the server between its start and now.
      if (atMs !== undefined) return atMs - (startMs + now()) / 2;
      await sleep(READ_EVERY_MS);
    }
    return undefined;
  } finally {
    // A worker's connection does not abort a poll before its deadline, so this does not wait for it.
    polling.abort();
  }
}
