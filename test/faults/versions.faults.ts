import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { WorkflowHandle } from '@temporalio/client';
import { temporal as proto } from '@temporalio/proto';
import { cliRoutes, findCli } from '../../src/testing/dev-server/find-cli';
import { contactWorkflowId, readContact } from '../../src/temporal/contacts';
import { startCluster, type Cluster } from './support/cluster';
import { startOpenCalls } from './support/open-calls';
import { inputFor, until } from '../support/rig';
import { inPhase } from '../support/steer';

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
    // Slower than other rows, so that a call can be placed for as long as a worker takes to start.
    timeScale: 25,
    // By default, a server takes three minutes to notice that a version has no open calls left.
    dynamicConfig: [
      'matching.wv.VersionDrainageStatusVisibilityGracePeriod="1s"',
      'matching.wv.VersionDrainageStatusRefreshInterval="1s"',
    ],
  });
});
afterAll(() => cluster.stop());

type Behavior = 'auto_upgrade' | 'pinned';

const OPEN_ON_OLD = `--query "ExecutionStatus='Running' AND TemporalWorkerDeploymentVersion='truedy:0.1.0'"`;

/** The commands of docs/deploy.md, run as they are printed there, with the names of a test. */
const COMMANDS = {
  setCurrent:
    'temporal worker deployment set-current-version --deployment-name truedy --build-id 0.2.0 --yes',
  setUnversioned:
    'temporal worker deployment set-current-version --deployment-name truedy --unversioned --ignore-missing-task-queues --yes',
  describe: 'temporal worker deployment describe --name truedy',
  describeVersion:
    'temporal worker deployment describe-version --deployment-name truedy --build-id 0.1.0',
  countOpen: `temporal workflow count ${OPEN_ON_OLD}`,
  describeCall: 'temporal workflow describe --workflow-id call/KEY',
  moveCall:
    'temporal workflow update-options --workflow-id call/KEY --versioning-override-behavior auto_upgrade',
  moveCalls: `temporal workflow update-options ${OPEN_ON_OLD} --versioning-override-behavior auto_upgrade --reason "no workers" --yes`,
} as const;

interface Names {
  readonly deployment?: string;
  readonly buildId?: string;
  readonly workflowId?: string;
}

/** Runs a command in a shell and returns its output. */
async function run(command: keyof typeof COMMANDS, names: Names): Promise<string> {
  const { deployment = '', buildId = '', workflowId = '' } = names;
  const line = COMMANDS[command]
    .replace('truedy', deployment)
    .replace(/0\.[12]\.0/, buildId)
    .replace('call/KEY', workflowId);
  const env = {
    ...process.env,
    PATH: [dirname(temporal), process.env['PATH']].join(delimiter),
    TEMPORAL_ADDRESS: cluster.server.address,
  };
  return (await promisify(execFile)('sh', ['-c', line], { env })).stdout;
}

/** A deployment with queues of its own. */
function newDeployment() {
  const deployment = `versions-${randomUUID()}`;
  return {
    name: deployment,
    taskQueue: deployment,
    startWorker: (buildId: string, behavior: Behavior, more: NodeJS.ProcessEnv = {}) => {
      const version = { TRUEDY_DEPLOYMENT_NAME: deployment, TRUEDY_BUILD_ID: buildId };
      const settings = { ...version, TRUEDY_VERSIONING_BEHAVIOR: behavior, ...more };
      return cluster.worker(deployment, settings, 'worker');
    },
    /** Refused until the server knows that the build polls both queues. */
    setCurrent: (buildId: string) => untilAccepted('setCurrent', { deployment, buildId }),
    setUnversioned: () => untilAccepted('setUnversioned', { deployment }),
    describeVersion: (buildId: string) => run('describeVersion', { deployment, buildId }),
  };
}

function untilAccepted(command: keyof typeof COMMANDS, names: Names): Promise<string> {
  return until(() => run(command, names).catch(() => undefined));
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

it('docs/deploy.md contains these commands, and no others of the temporal command', () => {
  const page = readFileSync(join(__dirname, '../../docs/deploy.md'), 'utf8');
  const lines = page.split('\n').filter((line) => /^temporal (worker|workflow) /.test(line));
  const asTested = lines.map((line) => line.replace(/ +#.*$/, ''));
  expect(new Set(asTested)).toEqual(new Set(Object.values(COMMANDS)));
});

describe('a rolling deploy', () => {
  it('with auto_upgrade moves 20 open calls to the new build: 0 lost, 0 dialed twice', async () => {
    const deployment = newDeployment();
    const old = await deployment.startWorker('1', 'auto_upgrade');
    await deployment.setCurrent('1');
    const calls = await startOpenCalls(cluster, deployment.taskQueue, randomUUID());
    expect(await buildsOf(calls.handles.slice(0, 3))).toEqual(new Set(['1']));
    await deployment.startWorker('2', 'auto_upgrade');
    await calls.startBrief();
    expect(await calls.open()).toHaveLength(20);
    await deployment.setCurrent('2');
    await old.kill('SIGTERM');
    expect(await old.ended).toEqual([0, null]);
    const moved = await calls.open();
    await calls.release();
    await results(calls.handles);
    expect(await calls.problems()).toEqual([]);
    expect(moved.length).toBeGreaterThanOrEqual(15);
    expect(await buildsOf(moved)).toEqual(new Set(['2']));
  });

  it('with pinned ends 20 open calls on the old build, which is then drained: 0 lost, 0 dialed twice', async () => {
    const deployment = newDeployment();
    const old = await deployment.startWorker('1', 'pinned');
    await deployment.setCurrent('1');
    const calls = await startOpenCalls(cluster, deployment.taskQueue, randomUUID());
    await deployment.startWorker('2', 'pinned');
    await calls.startBrief();
    expect(await calls.open()).toHaveLength(20);
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

it('the workflow of a person moves to the new build even with pinned, so that the old build is drained', async () => {
  const deployment = newDeployment();
  const key = 'a-key-of-the-tests';
  const number = '+14155550101';
  const contacts = { TRUEDY_CONTACT_POLICY: '{"concurrent":1}', TRUEDY_CONTACT_KEY: key };
  const call = async () => cluster.result(await cluster.start(taskQueue, inputFor(number)));
  const { taskQueue } = deployment;
  const old = await deployment.startWorker('1', 'pinned', contacts);
  await deployment.setCurrent('1');
  expect((await call()).outcome).toBe('answered');
  const contact = cluster.client.workflow.getHandle(contactWorkflowId(key, number));
  expect(await buildOf(contact)).toBe('1');
  await deployment.startWorker('2', 'pinned', contacts);
  await deployment.setCurrent('2');
  expect((await call()).outcome).toBe('answered');
  expect(await buildOf(contact)).toBe('2');
  await until(async () => /DrainageStatus +drained/.test(await deployment.describeVersion('1')));
  await old.kill('SIGTERM');
  expect((await readContact(cluster.client, contact.workflowId)).dials).toHaveLength(2);
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
    const stuck = { deployment: deployment.name, buildId: '1' };
    await until(async () => /Total: 3/.test(await run('countOpen', stuck)));
    const [first] = handles;
    const workflowId = first?.workflowId ?? '';
    expect(await run('describeCall', { workflowId })).toMatch(/Pinned/i);
    await run('moveCall', { workflowId });
    await first?.result();
    expect(await buildsOf(handles)).toEqual(new Set(['2', '1']));
    await run('moveCalls', stuck);
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
    expect(await run('describe', { deployment: deployment.name })).toMatch(
      /CurrentVersionBuildID +1/,
    );
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
