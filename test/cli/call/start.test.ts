import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../support/run';

const CALL = ['start', '--to', '+14155550101', '--agent', 'agent_1', '--key', 'order-4711'];

describe('start --dry-run', () => {
  it('prints the workflow id and the exact body, with the configured namespace', async () => {
    const args = [...CALL, '--var', 'first_name=Sarah', '--dry-run', '-o', 'json'];
    const { exit, stdout, stderr } = await run(args, { TEMPORAL_NAMESPACE: 'sales' });
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    const plan = JSON.parse(stdout);
    expect(plan).toMatchObject({ workflowId: 'call/order-4711', firstDial: 'at once' });
    expect(plan.body).toBe(
      '{"agent_id":"agent_1","phone_number":"+14155550101",' +
        '"variables":{"first_name":"Sarah","temporal_ref":"sales/call/order-4711#1"}}',
    );
  });

  it('needs no server, and prints when the first dial is allowed', async () => {
    const window = ['--window', '09:00-18:00', '--time-zone', 'Europe/Berlin', '--days', '1-5'];
    const notBefore = ['--not-before', '2031-02-01T12:00:00+01:00'];
    const { exit, stdout } = await run([...CALL, ...window, ...notBefore, '--dry-run'], {
      TEMPORAL_ADDRESS: '127.0.0.1:1',
    });
    expect(exit).toBe(0);
    // February 1, 2031 is a Saturday.
    expect(stdout).toMatch(/first dial +2031-02-03T08:00:00\.000Z/);
  });
});

describe('an invalid input', () => {
  it('exits with 2 and lists every error without repeating the values', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'truedy-start-'));
    const input = join(folder, 'call.json');
    const call = { phone_number: '(415) 555-0123', agent_id: '', variables: { n: 5 } };
    await writeFile(input, JSON.stringify({ call, colour: 'mauve' }));
    const args = ['start', '--input', input, '--grace', 'soon', '--settle', '1s'];
    const { exit, stdout, stderr } = await run(args, { TEMPORAL_ADDRESS: '127.0.0.1:1' });
    await rm(folder, { recursive: true });
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toMatch(/^TT3001 .*InvalidInput.*Nothing was sent/);
    for (const path of [
      'call.phone_number',
      'call.agent_id',
      'call.variables.n',
      'completion.grace',
      'placement.settle',
      'colour',
    ]) {
      expect(stderr).toMatch(new RegExp(`^ +${path} `, 'm'));
    }
    expect(stderr).not.toMatch(/555-0123|mauve/);
  });

  it.each(['+14155550101', '415 555 0123', 'two words', '', 'x'.repeat(1_000), 'naïve'])(
    'rejects %j as a key',
    async (key) => {
      const args = ['start', '--to', '+14155550101', '--agent', 'a', '--key', key, '--dry-run'];
      const { exit, stderr } = await run(args);
      expect(exit).toBe(2);
      expect(stderr).toMatch(/^TT3004 /);
    },
  );
});
