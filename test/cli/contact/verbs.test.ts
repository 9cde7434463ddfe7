import { randomUUID } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { optIn, optOut, readContact } from '../../../src';
import { CONTACT_KEY, inputFor, startRig, type Rig } from '../../support/rig';
import { inPhase } from '../../support/steer';
import { errorIn } from '../support/command';
import { contactOf, contactVerbs, nextNumber } from './support/contact-verbs';

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
const POLICY = '{"perDay":2,"perWeek":9,"concurrent":1,"minGap":"1m","timeZone":"UTC"}';

let rig: Rig;
let verb: ReturnType<typeof contactVerbs>;
beforeAll(async () => {
  rig = await startRig({ contactPolicy: { timeZone: 'UTC', concurrent: 1 } });
  verb = contactVerbs(rig);
});
afterAll(() => rig.stop());

const json = async (...args: readonly string[]) => {
  const ran = await verb(...args, '-o', 'json');
  expect(ran).toMatchObject({ exit: 0 });
  return JSON.parse(ran.stdout) as Record<string, unknown>;
};

describe('show', () => {
  it('reports that nothing is known of a person, without an error', async () => {
    const number = nextNumber();
    expect(await json('show', number)).toEqual({
      known: false,
      phoneNumber: `+1•••${number.slice(-2)}`,
      workflowId: contactOf(rig, number).workflowId,
    });
    expect(await verb('show', number)).toEqual({
      exit: 0,
      stdout: `+1•••${number.slice(-2)}  not known in default: no calls and no opt-out\n`,
      stderr: '',
    });
  });

  it('prints the calls of a person, and without a policy nothing about limits', async () => {
    const number = nextNumber();
    const call = await rig.start(inputFor(number));
    await call.result();
    const shown = await json('show', number);
    expect(shown).toEqual({
      known: true,
      phoneNumber: `+1•••${number.slice(-2)}`,
      workflowId: contactOf(rig, number).workflowId,
      isLost: false,
      optedOut: false,
      optOuts: [],
      open: [],
      waiting: [],
      calls: { today: 1, thisWeek: 1, timeZone: 'UTC' },
      lastDials: [
        {
          reference: `default/${call.workflowId}#1`,
          workflowId: call.workflowId,
          sentFrom: TIME,
          sentTo: TIME,
          endedAt: TIME,
          outcome: 'answered',
        },
      ],
    });
    const { stdout } = await verb('show', number);
    expect(stdout).toMatch(
      /^\+1•••\d\d {2}not opted out\n {2}calls: 1 today, 1 this week \(UTC\)\n/,
    );
    expect(stdout).toContain(`answered, ${call.workflowId} attempt 1\n`);
    expect(stdout).not.toContain('next dial');
  });

  it('prints the limits and the next dial if the policy is set, and the runs that wait', async () => {
    const withPolicy = contactVerbs(rig, { TRUEDY_CONTACT_POLICY: POLICY });
    const number = nextNumber();
    await rig.plan({ numbers: { [number]: { phone: 'stuck_in_progress' } } });
    const live = await rig.start(inputFor(number));
    await inPhase(live, 'queued', 'ringing', 'in_progress');
    const waiting = await rig.start(inputFor(number));
    await inPhase(waiting, 'waiting');
    const { stdout } = await withPolicy('show', number, '-o', 'json');
    const { sentTo, leaseEndsAt } = JSON.parse(stdout).open[0];
    expect(JSON.parse(stdout)).toMatchObject({
      limits: { perDay: 2, perWeek: 9, concurrent: 1, minGapMs: 60_000, timeZone: 'UTC' },
      nextDial: { isAllowed: false, at: TIME, limits: expect.arrayContaining(['concurrent']) },
      open: [{ workflowId: live.workflowId }],
      waiting: [{ workflowId: waiting.workflowId, since: TIME }],
      calls: { today: 1 },
      lastDials: [],
    });
    const { at } = JSON.parse(stdout).nextDial;
    const gapEndMs = Date.parse(sentTo) + 60_000;
    expect(Date.parse(at)).toBe(Math.max(gapEndMs, Date.parse(leaseEndsAt)));
    const shown = await withPolicy('show', number);
    expect(shown.stdout).toContain('  calls: 1 of 2 today, 1 of 9 this week (UTC)\n');
    expect(shown.stdout).toContain('  limits: 60 s between calls, 1 of 1 at the same time\n');
    expect(shown.stdout).toMatch(
      / {2}next dial: when another call ends, at the latest \S+ \(.*\)\n/,
    );
    expect(shown.stdout).toContain(`  waiting: ${waiting.workflowId} attempt 1, since `);
    await Promise.all([live, waiting].map((one) => one.terminate()));
  });

  it('marks what is known of a terminated contact workflow as lost', async () => {
    const number = nextNumber();
    await verb('opt-out', number);
    await contactOf(rig, number).handle.terminate();
    const withPolicy = contactVerbs(rig, { TRUEDY_CONTACT_POLICY: POLICY });
    const { stdout } = await withPolicy('show', number, '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({ known: true, isLost: true, optedOut: true });
    expect(JSON.parse(stdout)).not.toHaveProperty('nextDial');
    expect((await verb('show', number)).stdout).toMatch(
      /calls do not know any of this.*\n.*export/,
    );
  });
});

describe('opt-out and opt-in', () => {
  it('forbid and allow calls, with time and reason, and number masked in the reason', async () => {
    const number = nextNumber();
    const out = await json('opt-out', number, '--reason', 'call +14155553999 instead');
    expect(out).toEqual({
      phoneNumber: `+1•••${number.slice(-2)}`,
      workflowId: contactOf(rig, number).workflowId,
      optedOut: true,
      at: TIME,
      reason: 'call +1•••99 instead',
    });
    expect(await rig.run(inputFor(number))).toMatchObject({ outcome: 'suppressed' });
    expect(await verb('show', number)).toMatchObject({
      stdout: expect.stringContaining(
        `opted out since ${String(out['at'])}: call +1•••99 instead\n`,
      ),
    });
    const back = await json('opt-in', number, '--reason', 'asked by phone');
    expect(back).toEqual({
      ...out,
      optedOut: false,
      endedAt: TIME,
      endReason: 'asked by phone',
    });
    expect(await rig.run(inputFor(number))).toMatchObject({ outcome: 'answered' });
  });

  it('keep the first time and reason of an opt-out that is repeated', async () => {
    const number = nextNumber();
    const first = await json('opt-out', number, '--reason', 'first');
    expect(await json('opt-out', number, '--reason', 'second')).toEqual(first);
  });

  it('report that there is no opt-out to end, for a person who is known and one who is not', async () => {
    const [known, unknown] = [nextNumber(), nextNumber()];
    await rig.run(inputFor(known));
    for (const number of [known, unknown]) {
      const { exit, stdout, stderr } = await verb('opt-in', number);
      expect(exit).toBe(0);
      expect(stdout).toMatch(/^\+1•••\d\d {2}not opted out\n$/);
      expect(stderr).toMatch(/^\+1•••\d\d has no opt-out in default. Nothing was changed.\n$/);
    }
    await expect(contactOf(rig, unknown).handle.describe()).rejects.toThrow();
  });
});

describe('export', () => {
  it('prints every dial of several runs and each opt-out in the order of time', async () => {
    const number = nextNumber();
    await rig.plan({ numbers: { [number]: [{}, { phone: 'busy' }, {}] } });
    const first = await rig.start(inputFor(number));
    await first.result();
    await verb('opt-out', number, '--reason', '=HYPERLINK("https://x.test")\nhidden');
    await verb('opt-in', number, '--reason', 'asked, by phone');
    const redial = { maxAttempts: 2, after: { busy: ['1m'] } };
    const second = await rig.start(inputFor(number, { redial }));
    await second.result();
    const ran = await verb('export', number);
    expect(ran).toMatchObject({ exit: 0, stderr: '' });
    const [head, ...records] = parse(ran.stdout);
    const rows = records.map((cells) =>
      Object.fromEntries(cells.map((cell, at) => [head?.[at] ?? '', cell])),
    );
    const times = { at: TIME, at_latest: TIME, ended_at: TIME };
    const dialOf = ({ workflowId }: { workflowId: string }, attempt: number, outcome: string) => ({
      record: 'dial',
      ...times,
      outcome,
      reason: '',
      end_reason: '',
      reference: `default/${workflowId}#${attempt}`,
      workflow_id: workflowId,
    });
    expect(rows).toEqual([
      dialOf(first, 1, 'answered'),
      {
        record: 'opt_out',
        ...times,
        at_latest: '',
        outcome: '',
        // Not a formula, on one line.
        reason: `'=HYPERLINK("https://x.test")\\x0ahidden`,
        end_reason: 'asked, by phone',
        reference: '',
        workflow_id: '',
      },
      dialOf(second, 1, 'busy'),
      dialOf(second, 2, 'answered'),
    ]);
    const posts = (await rig.ledger()).dials.filter((dial) => dial.number === number);
    expect(posts).toHaveLength(3);
    const exported = await json('export', number);
    expect(exported).toMatchObject({ known: true, isLost: false, optedOut: false });
    expect(exported['dials']).toHaveLength(3);
    expect(await verb('export', number, '--format', 'json')).toMatchObject({
      stdout: `${JSON.stringify(exported, null, 2)}\n`,
    });
    expect(await verb('export', number, '--format', 'csv', '-o', 'json')).toEqual(ran);
    expect(await readContact(rig.client, number, { key: CONTACT_KEY })).toMatchObject({
      isLost: false,
      dials: exported['dials'],
    });
  });

  it('prints only the columns for a person of whom nothing is known', async () => {
    const { exit, stdout, stderr } = await verb('export', nextNumber());
    expect(exit).toBe(0);
    expect(stdout).toBe(
      'record,at,at_latest,ended_at,outcome,reason,end_reason,reference,workflow_id\n',
    );
    expect(stderr).toMatch(/^\+1•••\d\d is not known in default.\n$/);
  });
});

describe('the library', () => {
  it('opts a person in, and reports whether the person was opted out', async () => {
    const number = nextNumber();
    const options = { key: CONTACT_KEY, taskQueue: rig.taskQueue };
    expect(await readContact(rig.client, number, options)).toBeUndefined();
    expect(await optIn(rig.client, number, options)).toBe(false);
    await optOut(rig.client, number, { ...options, reason: 'asked' });
    expect(await readContact(rig.client, number, options)).toMatchObject({ optedOut: true });
    expect(await optIn(rig.client, number, { ...options, reason: 'asked again' })).toBe(true);
    expect(await readContact(rig.client, number, options)).toMatchObject({
      optedOut: false,
      optOuts: [{ at: TIME, reason: 'asked', endedAt: TIME, endReason: 'asked again' }],
    });
  });
});

describe('an error', () => {
  it.each(['show', 'opt-out', 'opt-in', 'export'])(
    'of %s for a wrong number does not repeat it',
    async (name) => {
      const ran = await verb(name, '+1 415 555 3999', '-o', 'json');
      expect(ran).toMatchObject({ exit: 2, stdout: '' });
      expect(errorIn(ran)).toMatchObject({
        code: 'TT3003',
        cause: 'leave out spaces, brackets, dots and hyphens',
      });
      expect(ran.stderr).not.toContain('3999');
    },
  );

  it.each(['show', 'opt-out', 'opt-in', 'export'])('of %s names the missing key', async (name) => {
    const { exit, stderr } = await contactVerbs(rig, { TRUEDY_CONTACT_KEY: '' })(
      name,
      nextNumber(),
    );
    expect(exit).toBe(3);
    expect(stderr).toMatch(/^TT2001 {2}1 setting is wrong: TRUEDY_CONTACT_KEY is not set/);
  });

  it('reports an invalid policy', async () => {
    const withPolicy = contactVerbs(rig, { TRUEDY_CONTACT_POLICY: '{"perDay":0}' });
    const { exit, stderr } = await withPolicy('show', nextNumber());
    expect(exit).toBe(3);
    expect(stderr).toContain('perDay is not a whole number');
  });

  it('says that an opt-out may be recorded if no worker answers, and that it can be repeated', async () => {
    const number = nextNumber();
    const taskQueue = `unpolled-${randomUUID()}`;
    const unpolled = contactVerbs(rig, { TRUEDY_TASK_QUEUE: taskQueue });
    const { workflowId, handle } = contactOf(rig, number);
    const ran = await unpolled('opt-out', number);
    expect(ran).toEqual({
      exit: 4,
      stdout: '',
      stderr:
        `TT6006  No worker answered for ${workflowId} in default.\n` +
        '        The opt-out may be recorded nevertheless. Run the command again: it is recorded once.\n' +
        '        npm run worker\n',
    });
    for (const name of ['show', 'export']) {
      const { exit, stderr } = await unpolled(name, number);
      expect([exit, stderr]).toEqual([4, expect.stringMatching(/^TT6006 /)]);
    }
    await handle.terminate();
  });

  it('is returned for an export of neither a number nor opt-outs, and for two formats', async () => {
    expect(await verb('export')).toMatchObject({
      exit: 2,
      stderr: expect.stringMatching(/^TT3002 {2}contact export needs a number or --opt-outs/),
    });
    expect(await verb('export', '--opt-outs', '--format', 'csv')).toMatchObject({
      exit: 2,
      stderr: expect.stringMatching(/^TT3002 {2}--opt-outs has a format of its own/),
    });
  });
});
