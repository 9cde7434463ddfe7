import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WorkflowHandle } from '@temporalio/client';
import { inputFor, startRig, until, type Rig } from '../../support/rig';
import { command, errorIn, type Ran } from '../support/command';
import { SECRET } from '../support/listener';

/** Answers and talks forever: only a delivery ends its call. */
const NEVER_ENDS = '+14155550112';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.stop());

function trigger(event: string, ...flags: readonly string[]): Promise<Ran> {
  return triggerAt(rig.webhookUrl, event, ...flags);
}

function triggerAt(url: string, ...args: readonly string[]): Promise<Ran> {
  const argv = ['events', 'trigger', ...args, '--to', url];
  return command(argv, { TRUEDY_WEBHOOK_SECRETS: `${SECRET},whsec_older_0123456789abcdef` });
}

/** Starts a call and waits until it is in progress. */
async function startLiveCall(): Promise<{ handle: WorkflowHandle; key: string; callId: string }> {
  const key = randomUUID();
  const input = inputFor(NEVER_ENDS, { completion: { grace: '1h' } });
  const handle = await rig.start(input, `call/${key}`);
  const callId = await until(async () => {
    const view = await rig.view(handle);
    return view.phase === 'in_progress' && view.callId;
  });
  return { handle, key, callId };
}

async function signalsOf(handle: WorkflowHandle): Promise<number> {
  const events = await rig.events(handle);
  return events.filter((name) => name === 'WORKFLOW_EXECUTION_SIGNALED').length;
}

describe('events trigger', () => {
  it('ends a call by its key, with the values of the sample', async () => {
    const { handle, key, callId } = await startLiveCall();
    const { exit, stdout, stderr } = await trigger('call.ended', '--id', key);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(stdout).toMatch(/^204 {2}/);
    expect(await handle.result()).toMatchObject({
      outcome: 'answered',
      callId,
      attempts: [{ number: 1, learnedBy: 'webhook' }],
      call: { duration_seconds: 49 },
    });
  });

  it('ends a call by its reference, with the values of an override', async () => {
    const { handle } = await startLiveCall();
    const flags = ['--ref', `default/${handle.workflowId}#1`];
    flags.push('--override', 'data.call.endReason=unjoined');
    flags.push('--override', 'data.duration_seconds=0');
    expect(await trigger('call.ended', ...flags)).toMatchObject({ exit: 0 });
    expect(await handle.result()).toMatchObject({
      outcome: 'no_answer',
      attempts: [{ reason: 'unjoined' }],
      call: { duration_seconds: 0 },
    });
  });

  it('fails a call', async () => {
    const { handle, key } = await startLiveCall();
    expect(await trigger('call.failed', '--id', `call/${key}`)).toMatchObject({ exit: 0 });
    expect(await handle.result()).toMatchObject({ outcome: 'failed' });
  });

  it('twice leaves one event in history', async () => {
    const { handle, key } = await startLiveCall();
    const before = await signalsOf(handle);
    expect(await trigger('call.joined', '--id', key, '--twice')).toMatchObject({ exit: 0 });
    expect(rig.received.slice(-2).map(({ fate }) => fate)).toEqual(['taken', 'taken']);
    expect(await signalsOf(handle)).toBe(before + 1);
    await trigger('call.ended', '--id', key);
    await handle.result();
  });

  it('has no effect if it names no run', async () => {
    expect(await trigger('call.started', '-o', 'json')).toMatchObject({ exit: 0, stderr: '' });
    expect(rig.received.at(-1)).toMatchObject({ fate: 'unmatched', event: 'call.started' });
  });

  it.each([
    ['--unsigned', 'unsigned', 401, 3],
    ['--stale', 'stale', 401, 3],
    ['--override=data=5', 'unusable', 422, 2],
  ])('reports that %s is refused, and has no effect', async (flag, fate, status, expected) => {
    const ran = await trigger('call.ended', flag, '-o', 'json');
    expect(ran).toMatchObject({ exit: expected, stdout: '' });
    expect(errorIn(ran)).toMatchObject({
      code: 'TT4005',
      message: expect.stringContaining(`(${status})`),
      exit: expected,
    });
    expect(rig.received.at(-1)).toMatchObject({ fate });
  });
});

describe('events trigger with wrong flags', () => {
  it.each([
    ['an unknown event', ['call.exploded'], /call\.exploded/],
    ['a malformed reference', ['call.ended', '--ref', 'call/x'], /^TT3002 .*--ref/],
    [
      'two targets',
      ['call.ended', '--ref', 'default/call/x#1', '--id', 'x'],
      /^TT3002 .*without --id/,
    ],
    ['an override without a value', ['call.ended', '--override', 'data'], /^TT3002 .*--override/],
    ['a malformed path', ['call.ended', '--override', 'a..b=1'], /^TT3002 .*--override/],
    ['an unknown call', ['call.ended', '--id', 'absent'], /^TT5010 /],
  ])('exits with 2 and sends nothing: %s', async (_, args, text) => {
    const before = rig.received.length;
    const { exit, stdout, stderr } = await triggerAt(rig.webhookUrl, ...args);
    expect({ exit, stdout, stderr }).toEqual({
      exit: 2,
      stdout: '',
      stderr: expect.stringMatching(text),
    });
    expect(rig.received).toHaveLength(before);
  });

  it.each([
    ['https://example.com/hooks', /--yes/],
    ['http://example.com/hooks', /neither https/],
    ['file:///hooks', /neither https/],
    ['hooks', /neither https/],
  ])('sends nothing to %s', async (url, text) => {
    const { exit, stderr } = await triggerAt(url, 'call.ended');
    expect({ exit, stderr }).toEqual({ exit: 2, stderr: expect.stringMatching(/^TT4004 /) });
    expect(stderr).toMatch(text);
  });

  it('sends nothing over http to another machine, even with --yes', async () => {
    const ran = await triggerAt('http://example.com/hooks', 'call.ended', '--yes');
    expect(ran).toMatchObject({ exit: 2, stderr: expect.stringMatching(/^TT4004 .*neither/) });
  });

  it('exits with 3 without a secret', async () => {
    const argv = ['events', 'trigger', 'call.ended', '--to', rig.webhookUrl];
    const { exit, stderr } = await command(argv, { TRUEDY_WEBHOOK_SECRETS: '' });
    expect({ exit, stderr }).toEqual({ exit: 3, stderr: expect.stringMatching(/^TT2001 /) });
  });

  it('exits with 4 if the address is unreachable', async () => {
    const { exit, stderr } = await triggerAt('http://127.0.0.1:1/webhooks/truedy', 'call.ended');
    expect({ exit, stderr }).toEqual({
      exit: 4,
      stderr: expect.stringMatching(/^TT4001 .*REFUSED/),
    });
  });

  it.each([
    [503, 4],
    [301, 2],
    [200, 2],
  ])('does not accept %i as success, and follows no redirect', async (status, expected) => {
    let requests = 0;
    const server = createServer((_, response) => {
      requests += 1;
      response.writeHead(status, { location: '/elsewhere' }).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { exit, stderr } = await triggerAt(`http://127.0.0.1:${port}/`, 'call.ended');
    server.close();
    expect({ exit, stderr, requests }).toEqual({
      exit: expected,
      stderr: expect.stringMatching(new RegExp(`^TT4005 .*\\(${status}\\)`)),
      requests: 1,
    });
  });
});
