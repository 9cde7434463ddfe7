import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { cliRoutes, findCli } from '../../src/testing/dev-server/find-cli';
import { startRig } from '../support/rig';
import { testAddress } from '../support/temporal';
import type { Ran } from './support/command';

const ROOT = join(__dirname, '../..');

let folder: string;
let cli: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'truedy-extension-'));
  ({ path: cli } = await findCli(cliRoutes(process.env, () => undefined)));
  const extension = join(folder, 'temporal-truedy');
  const loader = require.resolve('tsx');
  await writeFile(
    extension,
    `#!/bin/sh\nexec '${process.execPath}' --import '${loader}' '${join(ROOT, 'src/starter.ts')}' "$@"\n`,
  );
  await chmod(extension, 0o755);
}, 200_000);
afterAll(() => rm(folder, { recursive: true }));

/** The official command, with our extension on its PATH. */
async function temporal(...args: readonly string[]): Promise<Ran> {
  const child = spawn(cli, args, {
    env: {
      ...process.env,
      PATH: `${folder}${delimiter}${process.env['PATH']}`,
      TSX_TSCONFIG_PATH: join(ROOT, 'tsconfig.json'),
      TEMPORAL_ADDRESS: testAddress(),
      HOME: folder,
    },
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [[exit], stdout, stderr] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { exit, stdout, stderr };
}

const NOBODYS = ['--campaign', 'nobodys'];

describe('temporal truedy', () => {
  it('lists as JSON', async () => {
    const { exit, stdout } = await temporal('truedy', 'list', ...NOBODYS, '-o', 'json');
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: '[]\n' });
  });

  it.each([
    ['an output', ['-o', 'json'], '[]\n'],
    ['a log level', ['--log-level', 'debug', '-o', 'none'], ''],
    ['a time limit', ['--command-timeout', '60s', '-o', 'jsonl'], ''],
  ])('accepts %s before the verb, as temporal passes it', async (_, flags, stdout) => {
    await expect(temporal(...flags, 'truedy', 'list', ...NOBODYS)).resolves.toMatchObject({
      exit: 0,
      stdout,
    });
  });

  it.each([
    ['a call that does not exist', ['describe', 'absent'], 2, 'TT5010'],
    ['an unreachable server', ['count', '--address', '127.0.0.1:1'], 4, 'TT1001'],
  ])('passes on our exit code: %s', async (_, args, exit, code) => {
    const ran = await temporal('truedy', ...args);
    expect(ran).toMatchObject({ exit, stdout: '' });
    expect(ran.stderr).toContain(code);
  });

  it('is listed among the commands of temporal', async () => {
    const { stdout } = await temporal('help', '--all');
    expect(stdout).toContain('truedy');
  });
});

describe('an input from the temporal command', () => {
  it('fails with one InvalidInput that lists every error, and nothing is sent', async () => {
    const rig = await startRig();
    const workflowId = `call/${randomUUID()}`;
    const input = {
      call: {
        agent_id: 'agent_1',
        phone_number: '+1 (415) 555-0101',
        variables: { temporal_ref: 'x', 'a\r\nb': 'y' },
      },
      redial: { maxAttempts: 21 },
      completion: { pollEvery: '1s' },
      placement: { settle: '30s', resend: 'once' },
      window: { timeZone: 'Mars/Olympus', days: [], from: '21:00', to: '08:00' },
    };
    const names = ['--type', 'OutboundCallWorkflow', '--workflow-id', workflowId];
    const flags = ['--input', JSON.stringify(input), '-o', 'json'];
    const queue = ['--task-queue', rig.taskQueue];
    const { exit, stdout } = await temporal('workflow', 'execute', ...names, ...queue, ...flags);
    const [fault] =
      JSON.parse(stdout).closeEvent.workflowExecutionFailedEventAttributes.failure
        .applicationFailureInfo.details;
    const { posts, reads, lists } = await rig.seen({ workflowId });
    await rig.stop();
    expect({ exit, posts, reads, lists }).toEqual({ exit: 1, posts: [], reads: 0, lists: 0 });
    expect(fault.map(({ path }: { path: string }) => path).sort()).toEqual([
      'call.phone_number',
      'call.variables',
      'call.variables.temporal_ref',
      'completion.pollEvery',
      'placement.resend',
      'placement.settle',
      'redial.after',
      'redial.maxAttempts',
      'window.days',
      'window.timeZone',
      'window.to',
    ]);
  });
});
