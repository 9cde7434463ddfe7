import { randomUUID } from 'node:crypto';
import { newNamespace } from '../../support/namespace';
import { inputFor, startRig, until, type Rig } from '../../support/rig';
import { handleOf } from '../../../src/cli/shared/connect';
import { createTemporalClient } from '../../../src/temporal/client';
import { TRUEDY_CALL_ID } from '../../../src/workflows/search-attributes';
import { testAddress, testClient } from '../../support/temporal';
import { command, type Ran } from '../support/command';

const ANSWERED = '+14155550101';
const BUSY = '+14155550102';
const NEXT_YEAR = `${new Date().getFullYear() + 1}-01-04T09:00:00Z`;

const campaign = randomUUID();
let rig: Rig;
let answeredId: string;
let callId: string | undefined;

/** Lists read the server's visibility index, which lags a little. */
async function listed(count: number, ...args: readonly string[]): Promise<Ran> {
  let ran: Ran = { exit: -1, stdout: '', stderr: '' };
  await until(async () => {
    ran = await command(['list', '--campaign', campaign, '-o', 'jsonl', ...args]);
    return ran.stdout.trim().split('\n').filter(Boolean).length === count;
  });
  return ran;
}

function rowsOf({ stdout }: Ran): Record<string, unknown>[] {
  return stdout
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

beforeAll(async () => {
  rig = await startRig({ searchAttributes: 'on' });
  const labels = { campaign };
  const answered = await rig.start(inputFor(ANSWERED, { labels }));
  const busy = await rig.start(inputFor(BUSY, { labels }));
  const waiting = await rig.start(inputFor(ANSWERED, { labels, notBefore: NEXT_YEAR }));
  const [first] = await Promise.all([answered.result(), busy.result()]);
  await until(async () => (await rig.view(waiting)).phase === 'waiting');
  answeredId = answered.workflowId;
  callId = (first as { callId?: string }).callId;
});
afterAll(() => rig.stop());

describe('list', () => {
  it('prints the calls of a campaign with phase, outcome and call id', async () => {
    const ran = await listed(3);
    expect(ran).toMatchObject({ exit: 0, stderr: '' });
    expect(rowsOf(ran)).toContainEqual({
      workflowId: answeredId,
      runId: expect.any(String),
      status: 'COMPLETED',
      phase: 'ended',
      outcome: 'answered',
      attempt: 1,
      callIds: [callId],
      agentId: expect.any(String),
      campaign,
      startedAt: expect.stringMatching(/Z$/),
      closedAt: expect.stringMatching(/Z$/),
    });
  });

  it.each([
    ['an outcome', ['--outcome', 'busy'], 1],
    ['either of two outcomes', ['--outcome', 'busy', '--outcome', 'answered'], 2],
    ['a phase', ['--phase', 'waiting'], 1],
    [
      "a query in the server's syntax",
      ['-q', `ExecutionStatus = 'Running' OR TruedyOutcome = 'busy'`],
      2,
    ],
    ['a time', ['--since', '1h'], 3],
  ])('filters by %s', async (_, args, count) => {
    expect(rowsOf(await listed(count, ...args))).toHaveLength(count);
  });

  it('escapes terminal control characters in an id, on one line', async () => {
    const workflowId = `call/${randomUUID()}\u001b[2J\nfake\u009b`;
    const shown = workflowId
      .replace('\u001b', '\\x1b')
      .replace('\n', '\\x0a')
      .replace('\u009b', '\\x9b');
    await rig.start(inputFor(ANSWERED, { notBefore: NEXT_YEAR }), workflowId);
    let stdout = '';
    await until(async () => {
      ({ stdout } = await command(['list', '--limit', '5']));
      return stdout.includes(shown);
    });
    expect(stdout).not.toMatch(/[^\P{Cc}\n]/u);
    await rig.client.workflow.getHandle(workflowId).terminate();
  });

  it('prints a table, newest first, with a note about the limit', async () => {
    await listed(3);
    const args = ['list', '--campaign', campaign, '--limit', '2', '--time-format', 'relative'];
    const { exit, stdout, stderr } = await command(args);
    expect(exit).toBe(0);
    const [head = '', first = '', ...others] = stdout.trimEnd().split('\n');
    expect(head).toMatch(/^CALL +PHASE +OUTCOME +ATTEMPT +AGENT +CAMPAIGN +STARTED$/);
    expect(first).toMatch(/^\S+ +waiting +1 +\S+ +\S+ +\d+ \S+ ago$/);
    expect(others).toHaveLength(1);
    expect(stderr).toBe('Only the newest 2 are listed. For more: --limit 20\n');
  });

  it('prints one JSON array, empty if no call matches', async () => {
    const args = ['list', '--campaign', randomUUID()];
    await expect(command([...args, '-o', 'json'])).resolves.toMatchObject({
      exit: 0,
      stdout: '[]\n',
      stderr: 'No calls match.\n',
    });
    await expect(command(args)).resolves.toMatchObject({ exit: 0, stdout: '' });
  });

  it('marks a terminated call', async () => {
    const labels = { campaign: randomUUID() };
    const handle = await rig.start(inputFor(ANSWERED, { labels, notBefore: NEXT_YEAR }));
    await until(async () => (await rig.view(handle)).phase === 'waiting');
    await handle.terminate();
    await until(async () => {
      const { stdout } = await command(['list', '--campaign', labels.campaign]);
      return /^\S+ +terminated +1 /m.test(stdout);
    });
  });

  it.each([
    ['an invalid query', ['-q', 'Frob ='], /^TT1006 {2}Temporal rejected the query: /],
    ['an unknown attribute', ['-q', `Frob = 'x'`], /^TT1006 .*Frob/],
  ])('rejects %s with exit 2', async (_, args, text) => {
    const { exit, stdout, stderr } = await command(['list', ...args]);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toMatch(text);
  });

  it('exits with 3 and prints the search attributes that the namespace lacks', async () => {
    const temporal = await testClient();
    const namespace = await newNamespace(temporal.connection);
    await temporal.close();
    const { exit, stderr } = await command(['list', '--outcome', 'busy', '-n', namespace]);
    expect(exit).toBe(3);
    expect(stderr).toMatch(/^TT1010 .*\n.*\n +temporal truedy setup --apply\n$/);
    await expect(command(['list', '-n', namespace])).resolves.toMatchObject({ exit: 0 });
    const call = ['start', '--to', ANSWERED, '--agent', 'agent_1', '-n', namespace];
    const start = await command(call, { TRUEDY_SEARCH_ATTRIBUTES: 'on' });
    expect(start).toMatchObject({ exit: 3, stdout: '' });
    expect(start.stderr).toMatch(/\nTT1010 .*\n.*\n +temporal truedy setup --apply\n$/);
  });
});

describe('count', () => {
  it('prints the number of calls', async () => {
    await listed(3);
    const { exit, stdout } = await command(['count', '--campaign', campaign]);
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: '3\n' });
  });

  it('prints the number of calls for each outcome', async () => {
    await listed(3);
    const args = ['count', '--campaign', campaign, '--by', 'outcome'];
    const { stdout } = await command([...args, '-o', 'json']);
    expect(JSON.parse(stdout)).toEqual({
      count: 3,
      groups: [
        { name: 'answered', count: 1 },
        { name: 'busy', count: 1 },
        { name: 'no outcome', count: 1 },
      ],
    });
    const { stdout: text } = await command(args);
    expect(text).toMatch(/^answered +1\nbusy +1\nno outcome +1\ntotal +3\n$/);
  });
});

describe("Truedy's id of a call", () => {
  it('identifies the call like its key', async () => {
    await listed(3);
    const { exit, stdout } = await command(['describe', callId ?? '', '-o', 'json']);
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ workflowId: answeredId, phase: 'ended' });
  });

  it.each([
    ['a UUID, which can also be a key', randomUUID()],
    ['a shortened one with a hyphen', `call_${randomUUID().slice(0, 10)}`],
  ])('identifies the call in every form that Truedy writes: %s', async (_, id) => {
    const workflowId = `call/${randomUUID()}`;
    const handle = await rig.client.workflow.start('OutboundCallWorkflow', {
      workflowId,
      taskQueue: `unpolled-${randomUUID()}`,
      args: [inputFor(ANSWERED)],
      typedSearchAttributes: [{ key: TRUEDY_CALL_ID, value: [id] }],
    });
    const found = async () => {
      const temporal = createTemporalClient({ TEMPORAL_ADDRESS: testAddress() });
      const found = await handleOf(temporal, id);
      await temporal.connection.close();
      return found.workflowId;
    };
    await until(async () => (await found()) === workflowId);
    const asKey = { workflowId: `call/${id}`, taskQueue: 'unpolled', args: [inputFor(ANSWERED)] };
    const key = await rig.client.workflow.start('OutboundCallWorkflow', asKey);
    expect(await found()).toBe(`call/${id}`);
    await Promise.all([handle.terminate(), key.terminate()]);
  });

  it('is used as a key if no call has this id', async () => {
    const { exit, stderr } = await command(['describe', 'call_nobodys']);
    expect(exit).toBe(2);
    expect(stderr).toMatch(/^TT5010 {2}Call call\/call_nobodys does not exist /);
  });
});

describe('cancel', () => {
  async function waiting(label: string): Promise<string> {
    const labels = { campaign: label };
    const handle = await rig.start(inputFor(ANSWERED, { labels, notBefore: NEXT_YEAR }));
    await until(async () => (await rig.view(handle)).phase === 'waiting');
    return handle.workflowId;
  }

  it('accepts several ids, and reports the effect on each call', async () => {
    const ids = [await waiting('a'), await waiting('a')];
    const { exit, stdout } = await command(['cancel', ...ids]);
    expect({ exit, stdout }).toEqual({
      exit: 0,
      stdout: ids.map((id) => `${id}  prevented\n`).join(''),
    });
  });

  it('continues after a call that is not open', async () => {
    const id = await waiting('a');
    const { exit, stdout, stderr } = await command(['cancel', 'absent', id]);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: `${id}  prevented\n` });
    expect(stderr).toMatch(/^TT5012 /);
  });

  it('keeps its reason in the history', async () => {
    const id = await waiting('a');
    await command(['cancel', id, '--reason', 'called off']);
    const { events } = await rig.client.workflow.getHandle(id).fetchHistory();
    const asked = events?.find((event) => event.workflowExecutionCancelRequestedEventAttributes);
    expect(asked?.workflowExecutionCancelRequestedEventAttributes?.cause).toBe('called off');
  });

  it('reports that a live call continues', async () => {
    const handle = await rig.start(inputFor('+14155550112'));
    await until(async () => (await rig.view(handle)).phase === 'in_progress');
    const { exit, stdout } = await command(['cancel', handle.workflowId, '-o', 'json']);
    expect({ exit, printed: JSON.parse(stdout) }).toEqual({
      exit: 0,
      printed: { workflowId: handle.workflowId, cancellation: 'continues' },
    });
    await handle.terminate();
  });

  it('cancels by query only with a confirmation', async () => {
    const own = randomUUID();
    const id = await waiting(own);
    const query = `TruedyCampaign = '${own}'`;
    let first: Ran | undefined;
    await until(async () => {
      first = await command(['cancel', '--query', query]);
      return first.stderr.includes('1 open calls match');
    });
    expect(first).toMatchObject({ exit: 2, stdout: '' });
    await expect(command(['cancel', '--query', query, '--yes'])).resolves.toMatchObject({
      exit: 0,
      stdout: `${id}  prevented\n`,
    });
  });

  it.each([
    ['neither ids nor a query', []],
    ['both', ['a', '--query', 'x']],
  ])('is rejected with %s', async (_, args) => {
    const { exit, stderr } = await command(['cancel', ...args]);
    expect(exit).toBe(2);
    expect(stderr).toMatch(/^TT3002 {2}cancel needs either IDs or --query/);
  });
});
