import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { ended, headersFor, seconds } from './bridge';

const SIGNATURE = 'x-truedy-signature';

/** Opens a connection whose errors are ignored. */
export async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Everything received until the connection closes. */
export async function answerOn(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
  });
  if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

export function statusesIn(answer: string): number[] {
  return [...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
}

/** A genuine request, signed at the real time. `lines` are additional headers. */
export function request(
  options: {
    readonly line?: string;
    readonly host?: string;
    readonly lines?: readonly string[];
    readonly length?: readonly string[];
    readonly body?: string;
    readonly signature?: string;
  } = {},
): string {
  const { line = 'POST /webhooks/truedy HTTP/1.1', host = 'Host: bridge', lines = [] } = options;
  const { body = ended() } = options;
  const { length = [`Content-Length: ${Buffer.byteLength(body)}`] } = options;
  const headers = {
    ...genuine(body),
    ...(options.signature && { [SIGNATURE]: options.signature }),
  };
  const named = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const head = [line, ...(host ? [host] : []), 'Connection: close', ...named, ...lines, ...length];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

/** The headers of a delivery signed now. */
export function genuine(body: string): Record<string, string> {
  return headersFor(body, { timestamp: seconds(Date.now()) });
}

/** Headers in the right format with a signature that matches no body: what an attacker can send. */
export function claim(...length: string[]): string {
  return request({ signature: '0'.repeat(64), length, body: '' });
}
