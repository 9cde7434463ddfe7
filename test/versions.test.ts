import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import type { WorkflowHandle } from '@temporalio/client';
import { temporal as proto } from '@temporalio/proto';
import { cliRoutes, findCli } from '../src/testing/dev-server/find-cli';
import { startCluster, type Cluster } from './faults/support/cluster';
import { startOpenCalls } from './support/open-calls';
import { inputFor, until } from './support/rig';
import { inPhase } from './support/steer';

/**
 * Deploys with Worker Versioning: real worker processes of two builds and the commands of docs/deploy.md, while calls are
 * open in every phase. Truedy's ledger and the results show that none is lost or dialed twice.
 */
jest.setTimeout(90_000);

const SCHEDULED = proto.api.enums.v1.PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_SCHEDULED;

let cluster: Cluster;
let temporal: string;

beforeAll(async () => {
  ({ path: temporal } = await findCli(cliRoutes(process.env, () => undefined)));
  cluster = await startCluster({
    // By default, a server takes three minutes to notice that a version has no open calls left.
    dynamicConfig: [
      'matching.wv.VersionDrainageStatusVisibilityGracePeriod="1s"',
      'matching.wv.VersionDrainageStatusRefreshInterval="1s"',
    ],
  });
});
afterAll(() => cluster.stop());

type Behavior = 'auto_upgrade' | 'pinned';

/** A deployment with queues of its own. */
function newDeployment() {
  const name = `truedy-${randomUUID()}`;
  const version = (buildId: string) => ['--deployment-name', name, '--build-id', buildId];
  return {
    taskQueue: name,
    startWorker: (buildId: string, behavior: Behavior) =>
      cluster.worker(
        name,
        {
          TRUEDY_DEPLOYMENT_NAME: name,
          TRUEDY_BUILD_ID: buildId,
          TRUEDY_VERSIONING_BEHAVIOR: behavior,
        },
        'worker',
      ),
    /** Refused until the server knows that the build polls both queues. */
    setCurrent: (buildId: string, ...flags: readonly string[]) =>
      untilAccepted(
        ...['worker', 'deployment', 'set-current-version', ...version(buildId), '-y', ...flags],
      ),
    setUnversioned: () =>
      untilAccepted(
        ...['worker', 'deployment', 'set-current-version', '--deployment-name', name],
        ...['--unversioned', '--ignore-missing-task-queues', '-y'],
      ),
    describeVersion: (buildId: string) =>
      cli('worker', 'deployment', 'describe-version', ...version(buildId)),
  };
}

/** Runs a command of the official CLI and returns its output. */
async function cli(...args: readonly string[]): Promise<string> {
  const all = [...args, '--address', cluster.server.address];
  return (await promisify(execFile)(temporal, all)).stdout;
}

function untilAccepted(...args: readonly string[]): Promise<string> {
  return until(() => cli(...args).catch(() => undefined));
}

/** The build that ran a workflow last. */
async function buildOf(handle: WorkflowHandle): Promise<string | undefined> {
  const { workflowExecutionInfo } = await cluster.client.workflowService.describeWorkflowExecution({
    namespace: 'default',
    execution: { workflowId: handle.workflowId },
  });
  return workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId ?? undefined;
}

const buildsOf = async (handles: readonly WorkflowHandle[]) =>
  new Set(await Promise.all(handles.map(buildOf)));

const results = (handles: readonly WorkflowHandle[]) =>
  Promise.all(handles.map((handle) => cluster.result(handle)));

const LATER = `${new Date().getFullYear() + 1}-01-04T09:00:00Z`;

/** Starts calls that wait, by default until next year. */
async function startWaiting(taskQueue: string, count: number, notBefore = LATER) {
  const input = inputFor('+14155550101', { notBefore });
  const handles = await Promise.all(
    Array.from({ length: count }, () => cluster.start(taskQueue, input)),
  );
  await Promise.all(handles.map((handle) => inPhase(handle, 'waiting')));
  return handles;
}

/** Waits until the run has a workflow task that no worker takes. */
async function untilTaskWaits({ workflowId }: WorkflowHandle): Promise<void> {
  const isScheduled = async () => {
    const { pendingWorkflowTask } = await cluster.client.workflowService.describeWorkflowExecution({
      namespace: 'default',
      execution: { workflowId },
    });
    return pendingWorkflowTask?.state === SCHEDULED;
  };
  await until(isScheduled);
}

/** Causes workflow tasks until one runs on this build: the queues learn the current version shortly after the command. */
async function movesTo(handle: WorkflowHandle, buildId: string | undefined): Promise<void> {
  await until(async () => {
    await handle.executeUpdate<unknown, [object]>('reschedule', { args: [{ notBefore: LATER }] });
    return (await buildOf(handle)) === buildId;
  });
}

describe('a rolling deploy', () => {
  it('with auto_upgrade moves 20 open calls to the new build: 0 lost, 0 dialed twice', async () => {
    const deployment = newDeployment();
    const old = await deployment.startWorker('1', 'auto_upgrade');
    await deployment.setCurrent('1');
    const calls = await startOpenCalls(cluster, deployment.taskQueue, randomUUID());
    expect(await buildsOf(calls.handles.slice(0, 3))).toEqual(new Set(['1']));
    await deployment.startWorker('2', 'auto_upgrade');
    await calls.startDialing();
    await deployment.setCurrent('2');
    await old.kill('SIGTERM');
    expect(await old.ended).toEqual([0, null]);
    await calls.release();
    await results(calls.handles);
    expect(await calls.problems()).toEqual([]);
    expect(await buildsOf(calls.handles)).toEqual(new Set(['2']));
  });

  it('with pinned ends 20 open calls on the old build, which is then drained: 0 lost, 0 dialed twice', async () => {
    const deployment = newDeployment();
    const old = await deployment.startWorker('1', 'pinned');
    await deployment.setCurrent('1');
    const calls = await startOpenCalls(cluster, deployment.taskQueue, randomUUID());
    await deployment.startWorker('2', 'pinned');
    await calls.startDialing();
    await deployment.setCurrent('2');
    const next = await cluster.start(deployment.taskQueue, inputFor('+14155550101'));
    await cluster.result(next);
    expect(await buildOf(next)).toBe('2');
    expect(await deployment.describeVersion('1')).toMatch(/DrainageStatus +draining/);
    await calls.release();
    await results(calls.handles);
    expect(await calls.problems()).toEqual([]);
    expect(await buildsOf(calls.handles)).toEqual(new Set(['1']));
    await until(async () => /DrainageStatus +drained/.test(await deployment.describeVersion('1')));
    await old.kill('SIGTERM');
    expect(await old.ended).toEqual([0, null]);
  });
});

describe('unsticking', () => {
  it('moves calls that are pinned to a build without workers, one by its id and all by a query', async () => {
    const deployment = newDeployment();
    const old = await deployment.startWorker('1', 'pinned');
    await deployment.setCurrent('1');
    await deployment.startWorker('2', 'pinned');
    const soon = new Date(Date.now() + 5_000).toISOString();
    const handles = await startWaiting(deployment.taskQueue, 3, soon);
    await deployment.setCurrent('2');
    await old.kill('SIGKILL');
    await Promise.all(handles.map(untilTaskWaits));
    const query = `ExecutionStatus = 'Running' AND TemporalWorkerDeploymentVersion = '${deployment.taskQueue}:1'`;
    await until(async () => /Total: 3/.test(await cli('workflow', 'count', '--query', query)));
    const toBuild2 = ['--versioning-override-behavior', 'auto_upgrade'];
    const [first] = handles;
    await cli('workflow', 'update-options', '-w', first?.workflowId ?? '', ...toBuild2);
    await first?.result();
    expect(await buildsOf(handles)).toEqual(new Set(['2', '1']));
    await cli(
      ...['workflow', 'update-options', '--query', query, ...toBuild2],
      ...['--reason', 'build 1 has no workers', '-y'],
    );
    expect((await results(handles)).map(({ outcome }) => outcome)).toEqual(
      handles.map(() => 'answered'),
    );
    for (const handle of handles) expect((await cluster.seen(handle)).dials).toHaveLength(1);
    expect(await buildsOf(handles)).toEqual(new Set(['2']));
  });

  it('rolls a call forward from unversioned workers, back to the build before, and back to unversioned', async () => {
    const deployment = newDeployment();
    const { taskQueue } = deployment;
    const unversioned = await cluster.worker(taskQueue, {}, 'worker');
    const [handle] = await startWaiting(taskQueue, 1);
    if (handle === undefined) throw new Error('No call was started');
    const first = await deployment.startWorker('1', 'auto_upgrade');
    await deployment.setCurrent('1');
    await unversioned.kill('SIGTERM');
    await movesTo(handle, '1');
    const second = await deployment.startWorker('2', 'auto_upgrade');
    await deployment.setCurrent('2');
    await movesTo(handle, '2');
    await deployment.setCurrent('1');
    await second.kill('SIGTERM');
    await movesTo(handle, '1');
    const again = await cluster.worker(taskQueue, {}, 'worker');
    await deployment.setUnversioned();
    await first.kill('SIGTERM');
    await movesTo(handle, undefined);
    await handle.executeUpdate('redialNow');
    expect((await cluster.result(handle)).outcome).toBe('answered');
    expect((await cluster.seen(handle)).dials).toHaveLength(1);
    await again.kill('SIGTERM');
  });

  it('continues to serve calls where an unversioned worker remains on the queue of a current build', async () => {
    const deployment = newDeployment();
    await deployment.startWorker('1', 'auto_upgrade');
    await deployment.setCurrent('1');
    await cluster.worker(deployment.taskQueue, {}, 'worker');
    const handle = await cluster.start(deployment.taskQueue, inputFor('+14155550101'));
    expect((await cluster.result(handle)).outcome).toBe('answered');
    expect(await buildOf(handle)).toBe('1');
  });
});
