import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionLike } from '@temporalio/client';
import { readQueue } from './task-queue';

/** Polled by nobody else; no task is ever put on it. */
const QUEUE = 'truedy-doctor';
const POLL_LIMIT_MS = 10_000;
const LOOKS = 20;
const LOOK_EVERY_MS = 50;

/**
 * How far the server's clock is ahead of ours, in milliseconds. No service tells the time, but a queue
 * tells when it was last polled: one of our own is polled for a moment, and looked at meanwhile.
 *
 * @returns `undefined` where the server does not tell.
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
      // The server refuses a long poll that sets itself no end.
      connection.withDeadline(Date.now() + POLL_LIMIT_MS, () =>
        connection.workflowService.pollActivityTaskQueue({
          namespace,
          taskQueue: { name: QUEUE },
          identity,
        }),
      ),
    )
    // Its end is our doing, or a refusal that the looks below will show by finding nothing.
    .catch(() => undefined);
  try {
    for (let look = 0; look < LOOKS; look += 1) {
      const { pollers } = await readQueue(connection, namespace, QUEUE, 'activity');
      const atMs = pollers.find((poller) => poller.identity === identity)?.atMs;
      // The poll came to the server between its start and now.
      if (atMs !== undefined) return atMs - (startMs + now()) / 2;
      await sleep(LOOK_EVERY_MS);
    }
    return undefined;
  } finally {
    // A worker's connection does not end it before its limit, so nothing waits for it.
    polling.abort();
  }
}
