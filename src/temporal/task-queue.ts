import type { ConnectionLike } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

/** A poller of a queue. The server remembers it for five minutes. */
export interface Poller {
  readonly identity: string;
  /** When it last polled, in milliseconds since 1970 by the server's clock. */
  readonly atMs: number | undefined;
  /** The rate limit it requested; activity queues only. */
  readonly perSecond: number | undefined;
  /** Its deployment version; absent for an unversioned worker. */
  readonly version?: DeploymentVersion;
}

/** One build of a deployment of workers. */
export interface DeploymentVersion {
  readonly deploymentName: string;
  readonly buildId: string;
}

export interface Queue {
  readonly pollers: readonly Poller[];
  /** The rate limit in effect; absent if the server does not report it. */
  readonly perSecond: number | undefined;
  /** The version that receives tasks; absent: unversioned workers do. */
  readonly current?: DeploymentVersion;
}

const { TaskQueueType, WorkerVersioningMode } = temporal.api.enums.v1;
const KINDS = {
  workflow: TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
  activity: TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
} as const;

const VERSIONED = WorkerVersioningMode.WORKER_VERSIONING_MODE_VERSIONED;

/** Reads the pollers, the rate limit and the current version of a queue. */
export async function readQueue(
  connection: ConnectionLike,
  namespace: string,
  name: string,
  kind: keyof typeof KINDS,
): Promise<Queue> {
  const described = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name },
    taskQueueType: KINDS[kind],
    reportConfig: true,
  });
  const { pollers, effectiveRateLimit, versioningInfo } = described;
  const current = toVersion(versioningInfo?.currentDeploymentVersion);
  return {
    ...(current && { current }),
    pollers: pollers.map(({ identity, lastAccessTime, ratePerSecond, deploymentOptions }) => ({
      identity: identity ?? '',
      atMs: lastAccessTime ? toMs(lastAccessTime) : undefined,
      perSecond: ratePerSecond ?? undefined,
      ...withVersion(deploymentOptions),
    })),
    perSecond: effectiveRateLimit?.requestsPerSecond ?? undefined,
  };
}

/** A running worker polls again each minute. The server remembers a stopped one for five. */
const LIVE_MS = 120_000;

/** The pollers that are running, by the server's clock, and how long ago the last poll was. */
export function livePollers(pollers: readonly Poller[], serverNowMs: number) {
  const agoMs = ({ atMs = -Infinity }: Poller) => serverNowMs - atMs;
  return {
    live: pollers.filter((poller) => agoMs(poller) <= LIVE_MS),
    lastAgoMs: Math.min(Infinity, ...pollers.map(agoMs)),
  };
}

/** Converts a protobuf timestamp or duration to milliseconds. */
export function toMs(proto: {
  readonly seconds?: { toString(): string } | null;
  readonly nanos?: number | null;
}): number {
  return Number(proto.seconds ?? 0) * 1_000 + (proto.nanos ?? 0) / 1e6;
}

// --- internal ---

type ProtoVersion = temporal.api.deployment.v1.IWorkerDeploymentVersion;
type ProtoOptions = temporal.api.deployment.v1.IWorkerDeploymentOptions;

function toVersion(proto: ProtoVersion | null | undefined): DeploymentVersion | undefined {
  if (!proto?.deploymentName || !proto.buildId) return undefined;
  return { deploymentName: proto.deploymentName, buildId: proto.buildId };
}

function withVersion(proto: ProtoOptions | null | undefined) {
  const version = toVersion(proto);
  const isVersioned = proto?.workerVersioningMode === VERSIONED;
  return isVersioned && version !== undefined ? { version } : {};
}
