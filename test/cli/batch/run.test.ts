import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRig, until, type Rig } from '../../support/rig';
import { testAddress } from '../../support/temporal';
import { command, errorIn, type Ran } from '../support/command';
import { begin } from '../support/run';

const ANSWERED = '+14155550101';
const BUSY = '+14155550102';
const REFUSED = '+14155550119';
const HEADER = 'line,key,workflow_id,outcome,call_id,attempts,learned_by,reason';
const NEXT_YEAR = `${new Date().getFullYear() + 1}-01-04T09:00:00Z`;
/** No server listens here. Exit codes other than 4 prove that the input was rejected before connecting to Temporal. */
const UNREACHABLE = { TEMPORAL_ADDRESS: '127.0.0.1:1' };

let rig: Rig;
let folder: string;
beforeAll(async () => {
  rig = await startRig();
  folder = await mkdtemp(join(tmpdir(), 'truedy-batches-'));
});
afterAll(async () => {
  await rig.stop();
  await rm(folder, { recursive: true });
});

/** Writes a file with a unique name, which is also the name of its batch. */
async function newFile(...rows: readonly string[]): Promise<{ name: string; path: string }> {
  const name = `b-${randomUUID()}`;
  const path = join(folder, `${name}.csv`);
  await writeFile(path, `${rows.join('\n')}\n`);
  return { name, path };
}

function run(path: string, ...flags: readonly string[]): Promise<Ran> {
  const settings = { TRUEDY_TASK_QUEUE: rig.taskQueue };
  return command(['batch', 'run', path, '--agent', 'agent_1', ...flags], settings);
}

/** The outcomes of a results file, by key. */
function outcomesIn(csv: string): Record<string, string> {
  const [header, ...lines] = csv.trim().split('\n');
  expect(header).toBe(HEADER);
  return Object.fromEntries(lines.map((line) => [line.split(',')[1], line.split(',')[3]]));
}

/** The number of dials and runs of a batch. */
async function countsOf(name: string) {
  const { dials } = await rig.ledger();
  const query = `WorkflowId STARTS_WITH "call/${name}/"`;
  return {
    dials: dials.filter(({ ref }) => ref.includes(`call/${name}/`)).length,
    runs: (await rig.client.workflow.count(query)).count,
  };
}

describe('a batch', () => {
  it('calls each row once and prints each result, without numbers and variables', async () => {
    const { name, path } = await newFile(
      'phone_number,key,var.first_name',
      `${ANSWERED},a,Sarah`,
      `${BUSY},b,Sarah`,
    );
    const { exit, stdout, stderr } = await run(path);
    expect([exit, stderr]).toEqual([0, expect.stringMatching(/^2 of 2 rows ended: 1 /)]);
    expect(outcomesIn(stdout)).toEqual({ a: 'answered', b: 'busy' });
    expect(stdout).toMatch(
      new RegExp(`^2,a,call/${name}/a,answered,call_\\w+,1,(webhook|poll),$`, 'm'),
    );
    expect(stdout + stderr).not.toMatch(/4155550|Sarah/);
    expect((await countsOf(name)).dials).toBe(2);
  });

  it('can be found by its campaign, and passes the row to the agent', async () => {
    const { path } = await newFile('phone_number,key,var.first_name', `${ANSWERED},a,Sarah`);
    const campaign = `spring-${randomUUID()}`;
    await run(path, '--campaign', campaign);
    const handle = rig.client.workflow.getHandle(`call/${campaign}/a`);
    const { searchAttributes } = await handle.describe();
    expect(searchAttributes['TruedyCampaign']).toEqual([campaign]);
    const { posts } = await rig.seen(handle);
    expect(JSON.parse(posts[0]?.body ?? '')).toMatchObject({
      agent_id: 'agent_1',
      phone_number: ANSWERED,
      variables: { first_name: 'Sarah' },
    });
  });

  it('exits with 9 if a row failed, and prints the next step', async () => {
    const { path } = await newFile('phone_number,key', `${ANSWERED},a`, `${REFUSED},b`);
    const { exit, stdout, stderr } = await run(path);
    expect(exit).toBe(9);
    expect(outcomesIn(stdout)).toEqual({ a: 'answered', b: 'invalid_phone_number' });
    expect(stderr).toContain('1 failed; their last attempt did not ring.');
  });

  it('exits with 7 if a phone may have been dialed, and lists those rows', async () => {
    const { name, path } = await newFile('phone_number,key', `${ANSWERED},a`, `${ANSWERED},b`);
    const ran = run(path, '--not-before', NEXT_YEAR);
    const [a, b] = ['a', 'b'].map((key) => rig.client.workflow.getHandle(`call/${name}/${key}`));
    await until(async () => Promise.all([a?.describe(), b?.describe()]).catch(() => undefined));
    await a?.terminate();
    await b?.cancel();
    const { exit, stdout, stderr } = await ran;
    expect(exit).toBe(7);
    expect(outcomesIn(stdout)).toEqual({ a: 'terminated', b: 'cancelled' });
    expect(stderr).toContain(`1 unknown: the phone may have rung.`);
    expect(stderr).toContain(`  line 2  temporal truedy describe ${name}/a\n`);
    expect(stderr).not.toContain(`${name}/b`);
  });

  it('prints its results as JSON lines with -o json', async () => {
    const { path } = await newFile('phone_number,key', `${ANSWERED},a`);
    const { stdout } = await run(path, '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({ line: 2, key: 'a', outcome: 'answered' });
  });
});

describe('a second run', () => {
  it('is rejected, and prints how to continue', async () => {
    const { name, path } = await newFile('phone_number,key', `${ANSWERED},a`, `${ANSWERED},b`);
    await run(path);
    const second = await run(path);
    expect([second.exit, second.stdout]).toEqual([2, '']);
    expect(second.stderr).toMatch(/^TT3011 .* exists: 2 of 2 rows were started before\./);
    expect(second.stderr).toContain('--resume');
    expect((await countsOf(name)).dials).toBe(2);
  });

  it('with --resume prints ended calls, follows open ones, starts the rest, and dials no row twice', async () => {
    const { name, path } = await newFile(
      'phone_number,key',
      `${ANSWERED},a`,
      `${BUSY},b`,
      `${ANSWERED},c`,
    );
    const call = { agent_id: 'agent_1', phone_number: ANSWERED };
    const ended = await rig.start({ call }, `call/${name}/a`);
    await ended.result();
    const running = await rig.start({ call, notBefore: NEXT_YEAR }, `call/${name}/c`);
    const ran = run(path, '--resume');
    await until(async () => (await countsOf(name)).dials === 2);
    await running.executeUpdate('redialNow').catch(() => undefined);
    await running.executeUpdate('stop').catch(() => undefined);
    const { exit, stdout } = await ran;
    expect(exit).toBe(0);
    expect(outcomesIn(stdout)).toEqual({ a: 'answered', b: 'busy', c: expect.any(String) });
    const { dials } = await rig.seen(ended);
    expect(dials).toHaveLength(1);
  });

  it('with --resume is rejected if nothing was started, since the name may be wrong', async () => {
    const { name, path } = await newFile('phone_number,key', `${ANSWERED},a`);
    const { exit, stderr } = await run(path, '--resume');
    expect([exit, stderr]).toEqual([2, expect.stringMatching(/^TT3011 .*was started before/)]);
    expect(await countsOf(name)).toEqual({ dials: 0, runs: 0 });
  });

  it('continues the results file, with one line for each row', async () => {
    const { path } = await newFile('phone_number,key', `${ANSWERED},a`, `${BUSY},b`);
    const out = join(folder, `${randomUUID()}.csv`);
    await run(path, '--out', out);
    const first = await readFile(out, 'utf8');
    expect(outcomesIn(first)).toEqual({ a: 'answered', b: 'busy' });
    expect(await run(path, '--out', out)).toMatchObject({ exit: 2, stderr: /^TT3013 / });
    const { exit, stderr } = await run(path, '--out', out, '--resume');
    expect([exit, stderr]).toEqual([0, expect.stringContaining(`Results: ${out}\n`)]);
    await expect(readFile(out, 'utf8')).resolves.toBe(first);
  });
});

describe('a file with errors', () => {
  /** 812 rows, four of them bad. */
  const rows = () => [
    'phone_number,key,time_zone',
    ...Array.from({ length: 812 }, (_, index) => {
      const number = index === 15 ? 'n/a' : ANSWERED;
      const key = index === 528 ? 'order-10' : `order-${index}`;
      return `${number},${key},${index === 201 ? 'EST5' : 'UTC'}${index === 699 ? ',x' : ''}`;
    }),
  ];

  it('starts nothing and names every error of every row', async () => {
    const { name, path } = await newFile(...rows());
    const ran = await run(path, '--yes', '--window', '00:00-23:59');
    expect([ran.exit, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr.split('\n')).toEqual([
      `TT3010  ${path} has errors in 4 of 812 rows. Nothing was started.`,
      '        line 17  phone_number  is not E.164, such as +14155551234',
      '        line 203  time_zone  is not an IANA time zone, such as America/New_York',
      '        line 530  key  repeats line 12',
      '        line 701  has a different number of cells (4) than the header (3)',
      '        Fix the rows, or skip them:  --skip-invalid',
      '',
    ]);
    expect(await countsOf(name)).toEqual({ dials: 0, runs: 0 });
  });

  it('is reported as one JSON object with -o json', async () => {
    const { path } = await newFile(...rows());
    const ran = await run(path, '-o', 'json', '--window', '00:00-23:59');
    expect(errorIn(ran)).toMatchObject({
      code: 'TT3010',
      cause: expect.stringMatching(/^line 17 .*\nline 203 .*\nline 530 .*\nline 701 /),
      exit: 2,
    });
  });

  it('can be called without its invalid rows, which are still reported', async () => {
    const { name, path } = await newFile('phone_number,key', `n/a,a`, `${ANSWERED},b`);
    const { exit, stdout, stderr } = await run(path, '--skip-invalid');
    expect([exit, outcomesIn(stdout)]).toEqual([0, { b: 'answered' }]);
    expect(stderr).toMatch(/^Skipped 1 of 2 rows:\n {8}line 2 {2}phone_number /);
    expect((await countsOf(name)).dials).toBe(1);
  });

  it.each([
    [
      'an invalid row may contain other rows',
      [`n/a,"a\nb"`, `${ANSWERED},c`],
      'lines 2-3  phone_number',
    ],
    ['no row is left', ['n/a,a'], 'line 2  phone_number'],
    // The rows before the quote may be lines of a quoted note.
    [
      'the last line has an unclosed quote',
      [`${ANSWERED},"note"`, `${BUSY},x`, '"'],
      'line 4  opens a quote that is never closed',
    ],
  ])('cannot be called without them if %s', async (_, body, text) => {
    const { path } = await newFile('phone_number,var.a', ...body);
    const { exit, stderr } = await run(path, '--skip-invalid');
    expect([exit, stderr]).toEqual([2, expect.stringContaining(text)]);
  });

  it('reports an error of many rows once, with their lines', async () => {
    const { path } = await newFile(...rows());
    const { stderr } = await run(path, '--yes');
    expect(stderr).toContain('\n        lines 2-700, 702-813  --window  is required\n');
    expect(stderr).toContain('\n        line 17  phone_number ');
  });

  it('reports an error of every row once', async () => {
    const { path } = await newFile('phone_number', ANSWERED, BUSY);
    const { stderr } = await command(['batch', 'run', path], UNREACHABLE);
    expect(stderr).toContain('\n        every row  agent_id or --agent  is required\n');
  });
});

describe('before calls are started', () => {
  const many = Array.from({ length: 11 }, (_, index) => `${ANSWERED},order-${index}`);

  it('more than ten rows require --yes', async () => {
    const { path } = await newFile('phone_number,key', ...many);
    const args = ['batch', 'run', path, '--agent', 'agent_1'];
    expect(await command(args, UNREACHABLE)).toMatchObject({
      exit: 2,
      stderr: expect.stringMatching(/^TT3012 {2}A batch of 11 rows/),
    });
    expect(await command([...args, '--yes'], UNREACHABLE)).toMatchObject({ exit: 4 });
  });

  it('a dry run prints each id and its earliest dial, without connecting to a server', async () => {
    const { name, path } = await newFile('phone_number,key', ...many);
    const args = ['batch', 'run', path, '--agent', 'agent_1', '--dry-run'];
    const { exit, stdout, stderr } = await command(
      [...args, '--not-before', NEXT_YEAR],
      UNREACHABLE,
    );
    expect([exit, stderr]).toEqual([
      0,
      'Request of the first row:\n' +
        `  POST /calls  {"agent_id":"agent_1","phone_number":"+1•••01","variables":{"temporal_ref":"default/call/${name}/order-0#1"}}\n` +
        `Nothing was started. 11 rows can be called as batch ${name}.\n`,
    ]);
    const [header, first, ...rest] = stdout.trim().split('\n');
    expect(header).toBe('line,key,workflow_id,first_dial');
    const at = NEXT_YEAR.replace('Z', '.000Z');
    expect(first).toBe(`2,order-0,call/${name}/order-0,${at}`);
    expect(rest).toHaveLength(10);
  });

  it.each([
    ['a name of two words', ['--campaign', 'spring sale'], 'TT3004'],
    ['a name that is a number', ['--campaign', '+14155550101'], 'TT3004'],
    ['no calls in flight', ['--max-in-flight', '0'], 'TT3002'],
    ['no starts per second', ['--rps', '0'], 'Expected a number over 0'],
    ['an unreadable --input', ['--input', '/nowhere/base.json'], 'TT3002'],
  ])('a batch is rejected with %s', async (_, flags, text) => {
    const { path } = await newFile('phone_number,key', `${ANSWERED},a`);
    const { exit, stderr } = await command(
      ['batch', 'run', path, '--agent', 'a', ...flags],
      UNREACHABLE,
    );
    expect([exit, stderr]).toEqual([2, expect.stringContaining(text)]);
  });

  it('a warning is printed about redials without calling hours', async () => {
    const { path } = await newFile('phone_number,key', `${ANSWERED},a`);
    const { stderr } = await run(path, '--max-attempts', '2', '--redial', 'busy=5m');
    expect(stderr).toMatch(/^Warning: without calling hours \(--window\)/);
  });
});

describe('Ctrl-C', () => {
  it('does not affect the calls, and prints the command that resumes the batch', async () => {
    const { name, path } = await newFile('phone_number,key', `${ANSWERED},a`, `${ANSWERED},b`);
    const flags = ['--agent', 'agent_1', '--from', '+14155550100', '--max-in-flight', '1'];
    const { child, ran } = begin(
      ['batch', 'run', path, ...flags, '--not-before', NEXT_YEAR, '--api-key', 'hidden'],
      { TEMPORAL_ADDRESS: testAddress(), TRUEDY_TASK_QUEUE: rig.taskQueue, TEMPORAL_TLS: 'false' },
    );
    const handle = rig.client.workflow.getHandle(`call/${name}/a`);
    await until(() => handle.describe().catch(() => undefined));
    child.kill('SIGINT');
    const { exit, stdout, stderr } = await ran;
    expect([exit, stdout]).toEqual([130, `${HEADER}\n`]);
    expect(stderr).toBe(
      'Interrupted. Calls that were started continue; the rest was not started. To resume:\n' +
        `  temporal-truedy batch run ${path} --agent agent_1 --from … ` +
        `--not-before ${NEXT_YEAR} --max-in-flight 1 --api-key … --resume\n`,
    );
    expect((await handle.describe()).status.name).toBe('RUNNING');
    expect((await countsOf(name)).runs).toBe(1);
    await handle.terminate();
  });
});
