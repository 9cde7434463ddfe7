import type { ConnectionLike } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

/** A poller of a queue, as the server remembers it for five minutes. */
export interface Poller {
  readonly identity: string;
  /** When it last polled, in milliseconds since 1970 by the server's clock. */
  readonly atMs: number | undefined;
  /** The rate it asked for; only of activities. */
  readonly perSecond: number | undefined;
}

export interface Queue {
  readonly pollers: readonly Poller[];
  /** The rate the server keeps; absent on a server that does not tell. */
  readonly perSecond: number | undefined;
}

const { TaskQueueType } = temporal.api.enums.v1;
const KINDS = {
  workflow: TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
  activity: TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
} as const;

/** Who polls a queue, and at which rate it is served. */
export async function readQueue(
  connection: ConnectionLike,
  namespace: string,
  name: string,
  kind: keyof typeof KINDS,
): Promise<Queue> {
  const { pollers, effectiveRateLimit } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name },
    taskQueueType: KINDS[kind],
    reportConfig: true,
  });
  return {
    pollers: pollers.map(({ identity, lastAccessTime, ratePerSecond }) => ({
      identity: identity ?? '',
      atMs: lastAccessTime ? toMs(lastAccessTime) : undefined,
      perSecond: ratePerSecond ?? undefined,
    })),
    perSecond: effectiveRateLimit?.requestsPerSecond ?? undefined,
  };
}

/** A live worker polls anew each minute; one that is gone is remembered for five. */
const LATELY_MS = 120_000;

/** Those that are there now, by the server's clock, and how long ago the last of all came. */
export function livePollers(pollers: readonly Poller[], serverNowMs: number) {
  const agoMs = ({ atMs = -Infinity }: Poller) => serverNowMs - atMs;
  return {
    live: pollers.filter((poller) => agoMs(poller) <= LATELY_MS),
    lastAgoMs: Math.min(Infinity, ...pollers.map(agoMs)),
  };
}

/** An instant or a span as the server's answers hold it, in milliseconds. */
export function toMs(told: {
  readonly seconds?: { toString(): string } | null;
  readonly nanos?: number | null;
}): number {
  return Number(told.seconds ?? 0) * 1_000 + (told.nanos ?? 0) / 1e6;
}
