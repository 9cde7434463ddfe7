import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import type { WorkflowHandle } from '@temporalio/client';
import { startChild, type Child } from '../../src/cli/demo/child';
import { createCodecServer, createDataConverter, type CodecServerOptions } from '../../src/codec';
import { cliRoutes, findCli } from '../../src/testing/dev-server/find-cli';
import { inputFor, startRig, type Rig } from '../support/rig';
import { testAddress } from '../support/temporal';
import { K1, K2 } from './support/keys';
import { rawTexts } from './support/raw';

const run = promisify(execFile);
const TOKEN = 'token-0123456789abcdef';
const UI = 'http://localhost:8233';
const NAME = 'Canaria';
const CLEAR = { metadata: { encoding: base64('json/plain') }, data: base64(`"${NAME}"`) };

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function server(options: Partial<CodecServerOptions> = {}) {
  const refusals: string[] = [];
  const onRefused: CodecServerOptions['onRefused'] = ({ reason }) => refusals.push(reason);
  const app = createCodecServer({ keys: K1, onRefused, ...options });
  return {
    refusals,
    async send(path: string, body: unknown, headers: Record<string, string> = {}, method = 'POST') {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const sent = { method, headers, ...(method === 'POST' && { body: text }) };
      return app.fetch(new Request(`http://127.0.0.1${path}`, sent));
    },
  };
}

async function encrypted(keys = K1): Promise<any> {
  return (await server({ keys }).send('/encode', { payloads: [CLEAR] })).json();
}

describe('the codec server', () => {
  it('decodes what it encoded, and leaves other payloads as they are', async () => {
    const body = await encrypted();
    expect(JSON.stringify(body)).not.toContain(CLEAR.data);
    const mixed = { payloads: [...body.payloads, CLEAR, { metadata: {} }] };
    const decoded = await (await server().send('/decode', mixed)).json();
    expect(decoded).toEqual({ payloads: [CLEAR, CLEAR, { metadata: {}, data: '' }] });
  });

  it('returns a payload of an unknown key unchanged, beside the others, and reports the key', async () => {
    const onUnknownKey = jest.fn();
    const [{ payloads: ours }, { payloads: others }] = [await encrypted(), await encrypted(K2)];
    const both = { payloads: [...others, ...ours] };
    const answer = await server({ onUnknownKey }).send('/decode', both);
    expect(await answer.json()).toEqual({ payloads: [...others, CLEAR] });
    expect(onUnknownKey.mock.calls).toEqual([['k2']]);
  });

  it.each([
    ['in the header', '/decode', { authorization: `Bearer ${TOKEN}` }],
    ['in the path', `/${TOKEN}/decode`, {}],
    ['in the path, beside a token of the UI', `/${TOKEN}/decode`, { authorization: 'Bearer sso' }],
  ])('accepts its token %s', async (_, path, headers) => {
    const { send, refusals } = server({ token: TOKEN });
    expect((await send(path, { payloads: [CLEAR] }, headers)).status).toBe(200);
    expect(refusals).toEqual([]);
  });

  it.each([
    ['a missing token', '/decode', {}],
    ['another token', '/decode', { authorization: `Bearer ${TOKEN}x` }],
    ['another token in the path', '/other/encode', {}],
    ['another scheme', '/encode', { authorization: TOKEN }],
  ])('refuses %s with 401, and reports it', async (_, path, headers) => {
    const { send, refusals } = server({ token: TOKEN });
    expect((await send(path, { payloads: [CLEAR] }, headers)).status).toBe(401);
    expect(refusals).toEqual(['token']);
  });

  it.each(['', '[]', '{"payloads":{}}', '{"payloads":[{"data":"%"}]}'])(
    'refuses the body %s with 400',
    async (body) => {
      const { send, refusals } = server();
      expect((await send('/decode', body)).status).toBe(400);
      expect(refusals).toEqual(['body']);
    },
  );

  it('refuses a body over 16 MiB with 413, and other paths and methods with 404', async () => {
    const { send, refusals } = server();
    expect((await send('/decode', ' '.repeat(16 * 1024 * 1024 + 1))).status).toBe(413);
    expect((await send('/download', '{}')).status).toBe(404);
    expect((await send('/decode', '', {}, 'GET')).status).toBe(404);
    expect(refusals).toEqual(['body', 'not_found', 'not_found']);
  });
});

describe('a page in a browser', () => {
  const preflight = (origin: string) =>
    server({ token: TOKEN, allowOrigins: [UI] }).send('/decode', '', { origin }, 'OPTIONS');

  it('of an allowed origin may send the headers of the UI', async () => {
    const { status, headers } = await preflight(UI);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(UI);
    expect(headers.get('access-control-allow-methods')).toContain('POST');
    for (const name of ['content-type', 'x-namespace', 'authorization']) {
      expect(headers.get('access-control-allow-headers')).toContain(name);
    }
  });

  it('of an allowed origin can read the response', async () => {
    const { send } = server({ allowOrigins: [UI] });
    const { headers } = await send('/decode', { payloads: [CLEAR] }, { origin: UI });
    expect(headers.get('access-control-allow-origin')).toBe(UI);
  });

  it.each(['https://evil.example', 'null'])('of the origin %s is refused', async (origin) => {
    const { status, headers } = await preflight(origin);
    expect([status, headers.get('access-control-allow-origin')]).toEqual([403, null]);
    const { send, refusals } = server();
    expect((await send('/decode', { payloads: [CLEAR] }, { origin })).status).toBe(403);
    expect(refusals).toEqual(['origin']);
  });
});

describe('temporal --codec-endpoint', () => {
  const children: Child[] = [];
  let rig: Rig;
  let handle: WorkflowHandle;
  let cli: string;

  beforeAll(async () => {
    rig = await startRig({ dataConverter: createDataConverter({ keys: K1 }) });
    handle = await rig.start(inputFor('+14155550101', { call: { variables: { name: NAME } } }));
    await handle.result();
    cli = (await findCli(cliRoutes(process.env, () => undefined))).path;
  });
  afterAll(async () => {
    await Promise.all(children.map((child) => child.kill('SIGKILL')));
    await rig.stop();
  });

  async function startServer(settings: Readonly<Record<string, string>> = {}) {
    const child = await startChild('codec/server', {
      TRUEDY_ENCRYPTION_KEYS: K1,
      CODEC_PORT: '0',
      ...settings,
    });
    children.push(child);
    return /http:\S+/.exec(child.ready)?.[0] ?? '';
  }

  const temporal = (...args: readonly string[]) =>
    run(cli, [...args, '--address', testAddress(), '--disable-config-file'], {
      maxBuffer: 64 * 1024 * 1024,
    });
  /** What `temporal workflow show` prints, with the data of its payloads as text. */
  const show = async (...flags: readonly string[]) => {
    const options = ['-w', handle.workflowId, '-o', 'json', ...flags];
    const { stdout } = await temporal('workflow', 'show', ...options);
    return stdout.replace(/"data": "([^"]*)"/g, (_, data) => String(Buffer.from(data, 'base64')));
  };

  it('shows a history in clear, which is encrypted otherwise', async () => {
    const endpoint = await startServer();
    expect(await show()).not.toContain(NAME);
    expect(await show('--codec-endpoint', endpoint)).toContain(NAME);
  });

  it('sends a token in a header, or in the path', async () => {
    const endpoint = await startServer({ CODEC_TOKEN: TOKEN });
    const bearer = ['--codec-endpoint', endpoint, '--codec-auth', `Bearer ${TOKEN}`];
    expect(await show(...bearer)).toContain(NAME);
    expect(await show('--codec-endpoint', `${endpoint}/${TOKEN}`)).toContain(NAME);
    await expect(show('--codec-endpoint', endpoint)).rejects.toThrow();
  });

  it('answers the Temporal UI, which adds a query', async () => {
    const endpoint = await startServer({ CODEC_TOKEN: TOKEN, CODEC_ALLOW_ORIGIN: UI });
    const url = `${endpoint}/${TOKEN}/decode?preserveStorageRefs=true`;
    const origin = { origin: UI, 'access-control-request-method': 'POST' };
    const asked = await fetch(url, { method: 'OPTIONS', headers: origin });
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, UI]);
    const body = JSON.stringify({ payloads: [CLEAR] });
    const decoded = await fetch(url, { method: 'POST', headers: { origin: UI }, body });
    expect(await decoded.json()).toEqual({ payloads: [CLEAR] });
  });

  it('encrypts the input of a call that it starts', async () => {
    const endpoint = await startServer();
    const workflowId = `call/${randomUUID()}`;
    const input = JSON.stringify(inputFor('+14155550101', { call: { variables: { name: NAME } } }));
    const start = ['--type', 'OutboundCallWorkflow', '-t', rig.taskQueue, '-w', workflowId];
    const encode = ['--codec-endpoint', endpoint];
    await temporal('workflow', 'start', ...start, '--input', input, ...encode);
    const started = rig.client.workflow.getHandle(workflowId);
    expect(await started.result()).toMatchObject({ outcome: 'answered' });
    expect(await rawTexts(rig, started)).not.toContain(NAME);
  });
});
