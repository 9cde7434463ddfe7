import { randomUUID } from 'node:crypto';
import { NativeConnection, Worker } from '@temporalio/worker';
import { testAddress } from '../support/temporal';
import { inputFor, startRig, until, type Rig } from '../support/rig';
import { command, errorIn, type Ran } from './support/command';
import { begin } from './support/run';

const ANSWERED = '+14155550101';
const BUSY = '+14155550102';
const REFUSED = '+14155550119';
const NEXT_YEAR = `${new Date().getFullYear() + 1}-01-04T09:00:00Z`;

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.stop());

/** Runs one verb in this process, which is fast enough to run several in a test. */
function verb(...args: readonly string[]): Promise<Ran> {
  return command(args, { TRUEDY_TASK_QUEUE: rig.taskQueue });
}

function start(key: string, to: string, ...flags: readonly string[]): Promise<Ran> {
  return verb('start', '--to', to, '--agent', 'agent_1', '--key', key, ...flags);
}

/** The key of a call that waits until next year. */
async function waiting(): Promise<string> {
  const key = randomUUID();
  const handle = await rig.start(inputFor(ANSWERED, { notBefore: NEXT_YEAR }), `call/${key}`);
  await until(async () => (await rig.view(handle)).phase === 'waiting');
  return key;
}

describe('start', () => {
  it('prints only the workflow id on stdout, and the rest on stderr', async () => {
    const key = randomUUID();
    const { exit, stdout, stderr } = await start(key, ANSWERED);
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: `call/${key}\n` });
    expect(stderr).toBe(`Next: temporal truedy watch ${key}\n`);
  });

  it('generates a key if none is given, and prints it', async () => {
    const { stdout, stderr } = await verb('start', '--to', ANSWERED, '--agent', 'agent_1');
    const key = stdout.trim().replace('call/', '');
    expect(stderr).toMatch(new RegExp(`^Key of this call: ${key}\n`));
  });

  it('prints the stored result of a key whose call has ended, without dialing again', async () => {
    const key = randomUUID();
    const first = await start(key, ANSWERED, '--wait');
    expect(first.stdout).toMatch(/^answered, call \S+, 1 attempt, phone rang 1 time\n$/);
    const { exit, stdout } = await start(key, ANSWERED, '--wait');
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: first.stdout });
    expect((await rig.seen({ workflowId: `call/${key}` })).dials).toHaveLength(1);
  });

  it('sets summary, phase and attempt at the start, without personal data', async () => {
    const key = randomUUID();
    await start(key, ANSWERED, '--label', 'campaign=spring', '--not-before', NEXT_YEAR);
    const description = await rig.client.workflow.getHandle(`call/${key}`).describe();
    expect(await description.staticSummary()).toBe('Call +1•••01 · agent_1 · spring');
    const { indexedFields } = description.raw.workflowExecutionInfo?.searchAttributes ?? {};
    expect(Object.keys(indexedFields ?? {})).toEqual(
      expect.arrayContaining(['TruedyPhase', 'TruedyAttempt', 'TruedyAgentId', 'TruedyCampaign']),
    );
    await verb('cancel', key);
  });

  it('sets no search attributes if they are disabled', async () => {
    const key = randomUUID();
    const args = ['start', '--to', ANSWERED, '--agent', 'a', '--key', key];
    await command([...args, '--not-before', NEXT_YEAR], {
      TRUEDY_TASK_QUEUE: `unpolled-${key}`,
      TRUEDY_SEARCH_ATTRIBUTES: 'off',
    });
    const handle = rig.client.workflow.getHandle(`call/${key}`);
    const { typedSearchAttributes } = await handle.describe();
    const ours = typedSearchAttributes
      .getAll()
      .filter(({ key: { name } }) => name.startsWith('Truedy'));
    expect(ours).toEqual([]);
    await handle.terminate();
  });

  it('exits with 3 for an invalid setting', async () => {
    const args = ['start', '--to', ANSWERED, '--agent', 'a'];
    const { exit, stderr } = await command(args, { TRUEDY_SEARCH_ATTRIBUTES: 'yes' });
    expect(exit).toBe(3);
    expect(stderr).toMatch(/^TT2001 /);
  });
});

describe('--transcript', () => {
  it('prints the transcript for start --wait and for result', async () => {
    const key = randomUUID();
    const { stdout } = await start(key, ANSWERED, '--wait', '--transcript');
    expect(stdout).toMatch(/^answered, [^\n]+\n {2}\w+: \w+/);
    await expect(verb('result', key, '--transcript')).resolves.toMatchObject({ stdout });
    expect((await verb('result', key)).stdout).toBe(`${stdout.split('\n')[0]}\n`);
  });
});

describe('the exit', () => {
  it.each([
    ['of a call that was not answered', BUSY, 6],
    ['of a call that Truedy refused', REFUSED, 5],
  ])('%s is distinct', async (_, number, expected) => {
    const key = randomUUID();
    expect(await start(key, number, '--wait')).toMatchObject({ exit: expected });
    const ran = await verb('result', key);
    expect(ran).toMatchObject({ exit: expected });
    if (expected === 5) expect(ran.stderr).toMatch(/^TT5003 .*\n.*\n +temporal truedy doctor\n$/);
    expect(await verb('watch', key)).toMatchObject({ exit: expected });
  });

  it('of a terminated call comes with a note that a phone may have been dialed', async () => {
    const key = await waiting();
    await rig.client.workflow.getHandle(`call/${key}`).terminate();
    const { exit, stderr } = await verb('result', key);
    expect({ exit, stderr }).toEqual({ exit: 7, stderr: expect.stringMatching(/^TT5008 /) });
    expect(await verb('watch', key)).toMatchObject({ exit: 7 });
  });

  it.each(['result', 'watch', 'describe', 'cancel', 'stop', 'redial-now'])(
    'of %s is 2 for a call that does not exist',
    async (name) => {
      const ran = await verb(name, `absent-${randomUUID()}`, '-o', 'json');
      expect(ran).toMatchObject({ exit: 2, stdout: '' });
      expect(errorIn(ran)['code']).toMatch(/^TT501[02]$/);
    },
  );

  it('is 3 for a namespace that does not exist', async () => {
    const { exit, stderr } = await verb('describe', 'x', '-n', 'nobodys');
    expect({ exit, stderr }).toEqual({
      exit: 3,
      stderr: expect.stringMatching(/^TT1003 .*nobodys/),
    });
  });

  it('is 4 if no worker polls for the call', async () => {
    const key = randomUUID();
    const unpolled = { TRUEDY_TASK_QUEUE: `unpolled-${key}` };
    await command(['start', '--to', ANSWERED, '--agent', 'a', '--key', key], unpolled);
    const { exit, stderr } = await verb('describe', key);
    expect({ exit, stderr }).toEqual({ exit: 4, stderr: expect.stringMatching(/^TT6001 /) });
    await rig.client.workflow.getHandle(`call/${key}`).terminate();
  });

  it('is 4 if the workflow task of the call fails, with the reason', async () => {
    const taskQueue = `broken-${randomUUID()}`;
    const connection = await NativeConnection.connect({ address: testAddress() });
    const workflowsPath = require.resolve('./support/broken-workflow');
    const worker = await Worker.create({ connection, taskQueue, workflowsPath });
    await worker.runUntil(async () => {
      const key = randomUUID();
      const options = { workflowId: `call/${key}`, taskQueue, args: [inputFor(ANSWERED)] };
      const handle = await rig.client.workflow.start('OutboundCallWorkflow', options);
      await until(
        async () => ((await handle.describe()).raw.pendingWorkflowTask?.attempt ?? 0) > 1,
      );
      const { exit, stderr } = await verb('describe', key);
      expect({ exit, stderr }).toEqual({
        exit: 4,
        stderr: expect.stringMatching(
          /^TT6003 {2}The workflow task of call\/\S+ keeps failing: cannot decode \+1•••01\n/,
        ),
      });
      await handle.terminate();
    });
    await connection.close();
  });

  it('is 124 at the time limit, and the call continues', async () => {
    const key = await waiting();
    const argv = ['--command-timeout', '1s', 'result', key];
    const { ran } = begin(argv, { TEMPORAL_ADDRESS: testAddress() });
    await expect(ran).resolves.toMatchObject({ exit: 124, stdout: '' });
    expect(await verb('describe', key)).toMatchObject({ exit: 0 });
    await verb('cancel', key);
  });
});

describe('watch', () => {
  it('prints each phase once, in order, to the end', async () => {
    const key = await waiting();
    const { ran } = begin(['watch', key, '-o', 'jsonl'], { TEMPORAL_ADDRESS: testAddress() });
    await verb('redial-now', key);
    const { exit, stdout, stderr } = await ran;
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    const phases = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).phase);
    expect(phases.at(-1)).toBe('ended');
    expect(new Set(phases).size).toBe(phases.length);
  });
});

describe('describe', () => {
  it('prints the reason, the time limit and the available actions', async () => {
    const key = await waiting();
    const { exit, stdout } = await verb('describe', key);
    expect(exit).toBe(0);
    expect(stdout).toContain(`call/${key}  waiting`);
    expect(stdout).toContain(`next ${NEXT_YEAR.replace('Z', '.000Z')}`);
    expect(stdout).toContain('available actions: redialNow, reschedule, stop');
    const { stdout: relative } = await verb('describe', key, '--time-format', 'relative');
    expect(relative).toMatch(/next in \d+ d/);
    await verb('cancel', key);
  });
});

describe('an update', () => {
  it('redial-now ends the wait', async () => {
    const key = await waiting();
    expect(await verb('redial-now', key)).toMatchObject({ exit: 0 });
    expect(await verb('result', key)).toMatchObject({ exit: 0, stdout: /^answered/ });
  });

  it('reschedule moves the end of the wait', async () => {
    const key = await waiting();
    const to = NEXT_YEAR.replace('-01-04', '-02-05');
    const { exit, stdout } = await verb('reschedule', key, '--not-before', to, '-o', 'json');
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      phase: 'waiting',
      nextAt: to.replace('Z', '.000Z'),
    });
    await verb('cancel', key);
  });

  it('stop ends the call before it is dialed', async () => {
    const key = await waiting();
    expect(await verb('stop', key, '--reason', 'paid already')).toMatchObject({ exit: 0 });
    const { exit, stdout } = await verb('result', key);
    expect({ exit, stdout }).toEqual({
      exit: 6,
      stdout: 'cancelled, 0 attempts, phone did not ring\n',
    });
  });

  it.each([
    ['too early', ['resolve', '--not-dialled'], 'NotNow'],
    ['without an instant', ['reschedule'], 'InvalidInput'],
    ['with an invalid instant', ['reschedule', '--not-before', 'soon'], 'InvalidInput'],
    ['with 31 February', ['reschedule', '--not-before', '2027-02-31T09:00:00Z'], 'InvalidInput'],
    ['with 31 April', ['reschedule', '--expires-at', '2027-04-31T09:00:00Z'], 'InvalidInput'],
  ])('%s is rejected with exit 2 and the reason', async (_, [name = '', ...flags], type) => {
    const key = await waiting();
    const { exit, stdout, stderr } = await verb(name, key, ...flags);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^TT5011 {2}${type}: `));
    await verb('cancel', key);
  });
});

describe('cancel', () => {
  it('prevents a waiting call', async () => {
    const key = await waiting();
    expect(await verb('cancel', key)).toMatchObject({
      exit: 0,
      stdout: `call/${key}  prevented\n`,
    });
    const { exit, stdout } = await verb('result', key, '-o', 'json');
    expect(exit).toBe(6);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'cancelled', cancellation: 'prevented' });
  });
});
