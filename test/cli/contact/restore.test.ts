import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newNamespace } from '../../support/namespace';
import { inputFor, startRig, until, type Rig } from '../../support/rig';
import { inPhase } from '../../support/steer';
import { testClient } from '../../support/temporal';
import { errorIn, type Ran } from '../support/command';
import { contactOf, contactVerbs, nextNumber } from './support/contact-verbs';

let folder: string;
let rig: Rig;
let verb: ReturnType<typeof contactVerbs>;
/** Of its own, because `export --opt-outs` asks every contact workflow of the namespace. */
let namespace: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'truedy-opt-outs-'));
  const { connection } = await testClient();
  namespace = await newNamespace(connection);
  const contactPolicy = { timeZone: 'UTC', concurrent: 1 };
  rig = await startRig({ namespace, contactPolicy, searchAttributes: 'off' });
  verb = contactVerbs(rig);
});
afterAll(async () => {
  await rig.stop();
  rmSync(folder, { recursive: true });
});

function save({ stdout }: Pick<Ran, 'stdout'>): string {
  const path = join(folder, `${randomUUID()}.jsonl`);
  writeFileSync(path, stdout);
  return path;
}

const linesOf = ({ stdout }: Ran) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** Lists lag behind. */
function exported(workflowIds: readonly string[]): Promise<Ran> {
  return until(async () => {
    const ran = await verb('export', '--opt-outs');
    expect(ran.exit).toBe(0);
    const found = linesOf(ran).map(({ workflowId }) => workflowId);
    return workflowIds.every((id) => found.includes(id)) && ran;
  });
}

it('brings every opt-out back after the contact workflows were terminated, and runs are suppressed', async () => {
  const [out, back, called] = [nextNumber(), nextNumber(), nextNumber()];
  await rig.run(inputFor(called));
  await verb('opt-out', out, '--reason', 'asked by email');
  await verb('opt-out', back, '--reason', 'first');
  await verb('opt-in', back, '--reason', 'asked by phone');
  const contacts = [out, back].map((number) => contactOf(rig, number));
  const before = await Promise.all(contacts.map(({ read }) => read()));
  const ran = await exported(contacts.map(({ workflowId }) => workflowId));
  expect(linesOf(ran)[0]).toEqual({ optOuts: 2, exportedAt: expect.any(String) });
  expect(ran.stderr).toBe('Opt-outs: 2. Contact workflows: 3.\n');

  for (const { handle } of contacts) await handle.terminate();
  const file = save(ran);
  expect(await verb('restore', file, '-o', 'json')).toMatchObject({
    exit: 0,
    stdout: `${JSON.stringify({ restored: 2, known: 0, contacts: 2 }, null, 2)}\n`,
  });
  const after = await Promise.all(contacts.map(({ read }) => read()));
  expect(after.map(({ optOuts }) => optOuts)).toEqual(before.map(({ optOuts }) => optOuts));
  expect(await rig.run(inputFor(out))).toMatchObject({ outcome: 'suppressed', attempts: [] });
  expect(await rig.run(inputFor(back))).toMatchObject({ outcome: 'answered' });

  // A second time, nothing is added, and an opt-out that was ended meanwhile stays ended.
  await verb('opt-in', out);
  expect(await verb('restore', file)).toEqual({
    exit: 0,
    stdout: 'Opt-outs restored: 0. Known already: 2. Contact workflows: 2.\n',
    stderr: '',
  });
  expect(await contactOf(rig, out).read()).toMatchObject({
    optOuts: [{ reason: 'asked by email', endedMs: expect.any(Number) }],
  });
  expect(await rig.run(inputFor(out))).toMatchObject({ outcome: 'answered' });
}, 120_000);

it('suppresses a run that waits in the contact workflow that started again', async () => {
  const number = nextNumber();
  await verb('opt-out', number);
  const { workflowId, handle } = contactOf(rig, number);
  const file = save(await exported([workflowId]));
  await handle.terminate();
  await rig.plan({ numbers: { [number]: { phone: 'stuck_in_progress' } } });
  const live = await rig.start(inputFor(number));
  await inPhase(live, 'queued', 'ringing', 'in_progress');
  const waiting = await rig.start(inputFor(number));
  await inPhase(waiting, 'waiting');
  await verb('restore', file);
  expect(await waiting.result()).toMatchObject({ outcome: 'suppressed', attempts: [] });
  await live.terminate();
});

it('reads the opt-outs of one terminated contact workflow from its history', async () => {
  const number = nextNumber();
  await verb('opt-out', number, '--reason', 'asked by email');
  const { handle, read } = contactOf(rig, number);
  const { optOuts } = await read();
  await handle.terminate();
  const ran = await verb('export', number, '--opt-outs');
  expect(linesOf(ran)).toMatchObject([{ optOuts: 1 }, { reason: 'asked by email' }]);
  expect(await verb('restore', save(ran))).toMatchObject({ exit: 0 });
  expect((await read()).optOuts).toEqual(optOuts);
});

it('lists every bad line before it restores anything', async () => {
  const number = nextNumber();
  const { workflowId, handle } = contactOf(rig, number);
  const at = '2026-12-01T09:00:00Z';
  const lines = [
    { optOuts: 4, exportedAt: at },
    { workflowId, at },
    { workflowId: `contact/${number}`, at },
    { workflowId, at: 'yesterday' },
  ];
  const file = save({ stdout: lines.map((line) => JSON.stringify(line)).join('\n') });
  const ran = await verb('restore', file, '-o', 'json');
  expect(ran).toMatchObject({ exit: 2, stdout: '' });
  expect(errorIn(ran)).toMatchObject({
    code: 'TT3014',
    message: `${file} has 3 problems. Nothing was restored.`,
    cause: [
      'line 3  workflowId is not contact/ and 32 hex digits',
      'line 4  at is not ISO 8601 with an offset',
      'line 1  the count is 4, but the file has 3 opt-outs',
    ].join('\n'),
    fix: ['temporal truedy contact export --opt-outs > opt-outs.jsonl'],
  });
  await expect(handle.describe()).rejects.toThrow();
});

it('reports a file that does not exist', async () => {
  expect(await verb('restore', join(folder, 'absent'))).toMatchObject({
    exit: 2,
    stderr: expect.stringMatching(/^TT3002 .* does not exist/),
  });
});

it('reports how far it came if no worker answers', async () => {
  const at = '2026-12-01T09:00:00Z';
  const { workflowId, handle } = contactOf(rig, nextNumber());
  const lines = [
    { optOuts: 1, exportedAt: at },
    { workflowId, at },
  ];
  const file = save({ stdout: lines.map((line) => JSON.stringify(line)).join('\n') });
  const unpolled = contactVerbs(rig, { TRUEDY_TASK_QUEUE: `unpolled-${randomUUID()}` });
  const { exit, stderr } = await unpolled('restore', file);
  expect(exit).toBe(4);
  expect(stderr).toMatch(/^TT6006 .*\n +Restored: 0 of 1 contacts. Run the command again/);
  await handle.terminate();
});

it.each([
  ['an object', {}],
  ['an opt-out without a time', [{ reason: 'asked' }]],
  ['a time that is not a number', [{ atMs: '2026-12-01' }]],
  ['a reason that is not a text', [{ atMs: 1, reason: null }]],
  ['more than 1,000 opt-outs', Array.from({ length: 1_001 }, (_, atMs) => ({ atMs }))],
])('is refused by the contact workflow for %s from another program', async (_, restored) => {
  const number = nextNumber();
  await verb('opt-out', number);
  const { handle } = contactOf(rig, number);
  const update = handle.executeUpdate('restoreOptOuts', { args: [restored] });
  await expect(update).rejects.toMatchObject({ cause: { type: 'InvalidInput' } });
});
