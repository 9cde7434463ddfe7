import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { whyUnreachable } from '../../../src/temporal/tcp-probe';
import { testAddress } from '../../support/temporal';
import { until } from '../../support/until';
import { SECRET } from './bridge';

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** A server of a user. */
export interface Embedded {
  post(body: string, headers: Record<string, string>, path?: string): Promise<Answer>;
  /** Announces a body of this length and sends as much of it as the framework waits for. */
  postLong(length: number, headers: Record<string, string>): Promise<Answer>;
  /** What it has logged. */
  log(): string;
  stop(): Promise<void>;
}

/** Starts a program as a user would, from a file of this repository, and waits until it listens. */
export async function startProgram({
  file,
  args = [],
  waitsForBody = false,
}: ProgramOptions): Promise<Embedded> {
  const port = await freePort();
  const root = join(__dirname, '../../..');
  // From the root of the repository, because tsx reads the paths of its tsconfig.json.
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
    cwd: root,
    env: {
      PATH: process.env['PATH'],
      HOME: root,
      PORT: String(port),
      TEMPORAL_ADDRESS: testAddress(),
      TRUEDY_WEBHOOK_SECRETS: SECRET,
    },
  });
  let output = '';
  child.stdout.on('data', (bytes) => (output += String(bytes)));
  child.stderr.on('data', (bytes) => (output += String(bytes)));
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`${file} ended: ${output}`);
    return (await whyUnreachable(`127.0.0.1:${port}`, 500)) === undefined;
  });
  const send = (headers: Record<string, string>, length: number, body: string, path?: string) =>
    post(port, { ...headers, 'content-length': String(length) }, body, path);
  return {
    post: (body, headers, path) => send(headers, Buffer.byteLength(body), body, path),
    postLong: (length, headers) => send(headers, length, waitsForBody ? 'x'.repeat(length) : 'x'),
    log: () => output,
    async stop() {
      const closed = once(child, 'close');
      child.kill('SIGKILL');
      await closed;
    },
  };
}

// --- internal ---

interface ProgramOptions {
  readonly file: string;
  readonly args?: readonly string[];
  /** Whether the framework reads a body to its end even if it refuses it. */
  readonly waitsForBody?: boolean;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Not `fetch`, which reports nothing if a server answers and closes before the body is sent. */
async function post(
  port: number,
  headers: Record<string, string>,
  body: string,
  path = '/webhooks/truedy',
): Promise<Answer> {
  const request = httpRequest({ host: '127.0.0.1', port, path, method: 'POST', headers });
  request.write(body);
  try {
    const [response] = await once(request, 'response');
    let text = '';
    for await (const chunk of response) text += String(chunk);
    return { status: response.statusCode, text };
  } finally {
    // The rest of a long body is never sent.
    request.on('error', () => undefined).destroy();
  }
}
