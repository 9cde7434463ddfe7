import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ended, headersFor, seconds } from '../../webhook/support/bridge';
import { command } from '../support/command';
import { SECRET, startListener } from '../support/listener';

const folder = mkdtempSync(join(tmpdir(), 'listen-'));
const BODY = ended({ phone_number: '+14155550101', summary: 'private' });
/** Stays fresh for longer than any of these tests takes. */
const now = () => ({ timestamp: seconds(Date.now()) });

let target: Server;
let targetUrl: string;
let received: { headers: IncomingMessage['rawHeaders']; body: Buffer }[];
let hold = false;

beforeAll(async () => {
  target = createServer((request, response) => {
    void buffer(request).then((body) => {
      received.push({ headers: request.rawHeaders, body });
      if (!hold) response.writeHead(418).end();
    });
  });
  target.listen(0, '127.0.0.1');
  await once(target, 'listening');
  targetUrl = `http://127.0.0.1:${(target.address() as AddressInfo).port}/hooks`;
});

beforeEach(() => {
  received = [];
  hold = false;
});

afterAll(() => {
  target.closeAllConnections();
  target.close();
  rmSync(folder, { recursive: true });
});

function post(url: string, headers: Record<string, string>, body = BODY) {
  return fetch(url, { method: 'POST', headers, body });
}

function linesOf({ stdout }: { readonly stdout: string }) {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('events listen', () => {
  it('prints a ready line and one line per delivery, and exits with 0 on Ctrl-C', async () => {
    const listener = await startListener();
    await post(listener.url, headersFor(BODY, now()));
    await post(listener.url, headersFor(BODY, { timestamp: '1500000000' }));
    const { exit, stdout, stderr } = await listener.stop();
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(stdout.trimEnd().split('\n')).toEqual([
      `Ready! ${listener.url}  secrets …cdef  (^C to quit)`,
      expect.stringMatching(/^\S+Z {2}204 {2}call\.ended {2}taken {2}call_1 {2}call\/crm-1#2$/),
      expect.stringMatching(/^\S+Z {2}401 {2}stale: the timestamp is \d+ s old/),
    ]);
    expect(stdout).not.toMatch(/5550101|private|whsec_test/);
  });

  it('answers as the bridge does, and prints why it refused', async () => {
    const listener = await startListener(['-o', 'json']);
    const good = headersFor(BODY, now());
    const { 'x-truedy-signature': _, ...unsigned } = good;
    const huge = 'x'.repeat(1024 * 1024 + 1);
    const answers = [
      await post(listener.url, good),
      await post(listener.url, unsigned),
      await post(listener.url, { ...good, 'content-type': 'text/plain' }),
      await post(listener.url, headersFor('{}', now()), '{}'),
      await post(listener.url, headersFor(huge, now()), huge),
      await fetch(listener.url),
      await post(new URL('/elsewhere', listener.url).href, good),
    ];
    expect(answers.map(({ status }) => status)).toEqual([204, 401, 415, 422, 413, 405, 404]);
    const ran = await listener.stop();
    expect(ran.stderr).toBe(`Ready! ${listener.url}  secrets …cdef  (^C to quit)\n`);
    expect(linesOf(ran).map(({ status, fate, rule }) => [status, fate, rule])).toEqual([
      [204, 'taken', null],
      [401, 'unsigned', 'header_missing'],
      [415, 'wrong_type', 'content_type'],
      [422, 'unusable', 'shape'],
      [413, 'too_large', 'too_large'],
    ]);
    expect(linesOf(ran)[0]).toMatchObject({
      event: 'call.ended',
      ids: ['call_1'],
      workflowId: 'call/crm-1',
      attempt: 2,
    });
  });

  it('saves the raw bytes and headers readable by the user only, and warns', async () => {
    const hooks = join(folder, 'saved');
    const listener = await startListener(['--save', hooks, '-o', 'json', '--path', '/my-hooks']);
    expect(listener.url).toMatch(/\/my-hooks$/);
    const headers = headersFor(BODY, now());
    await post(listener.url, headers);
    await post(listener.url, { ...headers, 'x-truedy-signature': 'forged' });
    const ran = await listener.stop();
    expect(linesOf(ran).map(({ saved }) => saved)).toEqual([join(hooks, '1'), join(hooks, '2')]);
    expect(ran.stderr).toMatch(/contain phone numbers and transcripts/);
    expect(readFileSync(join(hooks, '1/body'), 'utf8')).toBe(BODY);
    const saved = JSON.parse(readFileSync(join(hooks, '1/headers.json'), 'utf8'));
    expect(saved.headers).toMatchObject(headers);
    const modes = ['', '1', '1/body', '1/headers.json'].map(
      (name) => statSync(join(hooks, name)).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o700, 0o600, 0o600]);
  });

  it('continues its numbers after a restart', async () => {
    const hooks = join(folder, 'again');
    for (const number of ['1', '2']) {
      const listener = await startListener(['--save', hooks, '-o', 'json']);
      await post(listener.url, headersFor(BODY, now()));
      expect(linesOf(await listener.stop())).toMatchObject([{ saved: join(hooks, number) }]);
    }
  });

  it('forwards the bytes and the signature headers unchanged', async () => {
    const listener = await startListener(['--forward-to', targetUrl, '-o', 'json']);
    const timestamp = seconds(Date.now());
    const signed = headersFor(`${BODY}\n`, { timestamp });
    await post(listener.url, { ...signed, cookie: 'private' }, `${BODY}\n`);
    const ran = await listener.stop();
    expect(linesOf(ran)).toMatchObject([{ status: 204, forwarded: 418 }]);
    expect(received.map(({ body }) => body.toString())).toEqual([`${BODY}\n`]);
    const headers = received.flatMap((one) => one.headers);
    for (const [name, value] of Object.entries(signed)) {
      expect(headers[headers.indexOf(name) + 1]).toBe(value);
    }
    expect(headers).not.toContain('private');
  });

  it('reports that the forwarding address did not respond', async () => {
    const listener = await startListener(['--forward-to', 'http://127.0.0.1:1', '-o', 'json']);
    expect((await post(listener.url, headersFor(BODY, now()))).status).toBe(204);
    expect(linesOf(await listener.stop())).toMatchObject([{ forwarded: 'ECONNREFUSED' }]);
  });

  it('aborts forwarding on Ctrl-C', async () => {
    hold = true;
    const listener = await startListener(['--forward-to', targetUrl, '-o', 'json']);
    const answer = post(listener.url, headersFor(BODY, now()));
    await once(target, 'request');
    const ran = await listener.stop();
    expect(ran.exit).toBe(0);
    expect(linesOf(ran)).toMatchObject([{ status: 204, forwarded: 'AbortError' }]);
    expect((await answer).status).toBe(204);
  });
});

describe('events listen with wrong flags', () => {
  const listen = (...flags: readonly string[]) =>
    command(['events', 'listen', ...flags], { TRUEDY_WEBHOOK_SECRETS: SECRET });

  it.each([
    ['plain http abroad', ['--forward-to', 'http://example.com/hooks'], /^TT4004 /],
    ['no address', ['--forward-to', 'hooks'], /^TT4004 /],
    ['a path with a pattern', ['--path', '/:any'], /^TT3002 .*--path/],
    ['no port', ['--port', 'http'], /Expected a port/],
    ['a port over all', ['--port', '65536'], /Expected a port/],
  ])('exits with 2: %s', async (_, flags, text) => {
    const { exit, stdout, stderr } = await listen(...flags);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toMatch(text);
  });

  it('exits with 3 if the port is taken', async () => {
    const { port } = target.address() as AddressInfo;
    const { exit, stderr } = await listen('--port', String(port));
    expect({ exit, stderr }).toEqual({ exit: 3, stderr: expect.stringMatching(/EADDRINUSE/) });
  });
});
