import { shellWord } from '../../runtime/text-file';
import type { DeploymentVersion, Poller } from '../../temporal/task-queue';
import { failure, type CheckResult } from './finding';

/** What is known of the workers of one queue. */
interface Served {
  readonly queue: string;
  /** The workers that run. At least one. */
  readonly live: readonly Poller[];
  /** The version that receives tasks; absent: unversioned workers do. */
  readonly current?: DeploymentVersion;
}

/** The versions of the workers of a queue, and which one receives tasks. Empty if no worker is versioned. */
export function versionsText({ live, current }: Served): string {
  const versions = [...new Set(live.map(({ version }) => nameOf(version)))];
  if (current === undefined && versions.every((name) => name === UNVERSIONED)) return '';
  const others = versions.filter((name) => name !== nameOf(current));
  return `; current: ${nameOf(current)}${others.length === 0 ? '' : `; also ${others.join(', ')}`}`;
}

/** The problem if no worker of a queue has the version that receives its tasks: they would wait. */
export function versionProblem({ queue, live, current }: Served): CheckResult | undefined {
  const names = new Set(live.map(({ version }) => nameOf(version)));
  if (names.has(nameOf(current))) return undefined;
  const [running] = live.flatMap(({ version }) => version ?? []);
  const { deploymentName = '' } = running ?? current ?? {};
  const target =
    running === undefined
      ? '--unversioned --ignore-missing-task-queues'
      : `--build-id ${shellWord(running.buildId)}`;
  return failure(
    `TT6005  The workers on ${queue} are ${[...names].join(' and ')}, but the current version is ` +
      `${nameOf(current)}. Calls are stored and wait.`,
    `temporal worker deployment set-current-version --deployment-name ${shellWord(deploymentName)} ${target}`,
    'docs/deploy.md',
  );
}

// --- internal ---

const UNVERSIONED = 'unversioned';

function nameOf(version: DeploymentVersion | undefined): string {
  return version === undefined ? UNVERSIONED : `${version.deploymentName}:${version.buildId}`;
}
