import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { versionProblem, versionsText } from '../../../src/cli/doctor/versions';
import { cliRoutes, findCli } from '../../../src/testing/dev-server/find-cli';
import type { DeploymentVersion } from '../../../src/temporal/task-queue';
import { testAddress } from '../../support/temporal';
import { until } from '../../support/rig';
import { foundBy, startSetUp, type SetUp } from '../support/set-up';

const version = (buildId: string) => ({ deploymentName: 'truedy', buildId });
const worker = (of?: DeploymentVersion) => ({
  identity: 'one',
  atMs: 0,
  perSecond: undefined,
  ...(of && { version: of }),
});

describe('versionProblem', () => {
  it('is none where a worker has the current version', () => {
    const rolling = [worker(version('1')), worker(version('2'))];
    expect(versionProblem({ queue: 'q', live: [worker()] })).toBeUndefined();
    expect(versionProblem({ queue: 'q', live: rolling, current: version('2') })).toBeUndefined();
    expect(versionsText({ queue: 'q', live: [worker()] })).toBe('');
    expect(versionsText({ queue: 'q', live: rolling, current: version('2') })).toBe(
      '; current: truedy:2; also truedy:1',
    );
  });

  it('says how to return to workers without a version', () => {
    expect(versionProblem({ queue: 'q', live: [worker()], current: version('1') })).toMatchObject({
      mark: 'failure',
      seen: expect.stringMatching(
        /^TT6005 .* are unversioned, but the current version is truedy:1/,
      ),
      fix: [
        'temporal worker deployment set-current-version --deployment-name truedy --unversioned --ignore-missing-task-queues',
        'docs/deploy.md',
      ],
    });
  });
});

describe('the doctor', () => {
  const deployment = `doctor-${process.pid}-${Date.now()}`;
  let setUp: SetUp;
  beforeAll(async () => {
    setUp = await startSetUp({ TRUEDY_DEPLOYMENT_NAME: deployment, TRUEDY_BUILD_ID: '0.2.0' });
  });
  afterAll(() => setUp.stop());

  async function workers() {
    const found = foundBy(await setUp.doctor(['--no-bridge', '-o', 'json']));
    return found.filter(({ check }) => /^(Workers|Request workers)$/.test(check));
  }

  it('finds that no build is current, and its command makes it so', async () => {
    const found = await workers();
    expect(found.map(({ mark }) => mark)).toEqual(['failure', 'failure']);
    expect(found[0]?.seen).toContain(
      `are ${deployment}:0.2.0, but the current version is unversioned. Calls are stored and wait.`,
    );
    const { path } = await findCli(cliRoutes(process.env, () => undefined));
    const [, ...args] = found[0]?.fix?.[0]?.split(' ') ?? [];
    await promisify(execFile)(path, [...args, '-y', '--address', testAddress()]);
    await until(async () => (await workers()).every(({ mark }) => mark === 'ok'));
    for (const { seen } of await workers()) expect(seen).toMatch(/; current: doctor-.*:0\.2\.0$/);
  });
});
