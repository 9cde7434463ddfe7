import { freeze } from '../../../src/call/dial-request';
import { createTruedyClient, type Answered } from '../../../src/truedy/client';
import type { TruedyError } from '../../../src/truedy/errors';
import { fixture } from '../../fixtures';
import { serveHttp, serveRaw } from './local-server';

export const NOW = Date.parse('2026-12-01T09:00:00.000Z');
const OF = {
  namespace: 'default',
  workflowId: 'call/crm-1',
  attempt: 1,
  runId: 'r',
  firstRunId: 'r',
};
export const REQUEST = freeze(
  { agent_id: 'agent_01hx', phone_number: '+14155550101', variables: { name: 'Zoë 🎈' } },
  OF,
  '0123456789abcdef0123456789abcdef',
);
export const CALL = JSON.stringify(fixture('post-guide'));

export const unhindered = async () => true;
export const inTime = () => true;

export function clientOf(
  port: number,
  scheme = 'http',
  onAnswer?: (answered: Answered) => void,
  readLimitMs = 5_000,
) {
  return createTruedyClient({
    baseUrl: `${scheme}://127.0.0.1:${port}/api/public/v1`,
    apiKey: 'truedy_test',
    readLimitMs,
    now: () => NOW,
    ...(onAnswer && { onAnswer }),
  });
}

/** Sends one POST and returns its error. */
export function failedPost(port: number, replyMs = 5_000, scheme = 'http'): Promise<TruedyError> {
  return clientOf(port, scheme)
    .placeCall(REQUEST, replyMs, unhindered, inTime)
    .then(
      () => Promise.reject(new Error('was placed')),
      (error: unknown) => error as TruedyError,
    );
}

/** A server that answers every request with these bytes and ends the connection. */
export function serveBytes(...parts: (string | Buffer)[]) {
  return serveRaw((socket) => {
    for (const part of parts) socket.write(part);
    socket.end();
  });
}

export function http(status: number, body: string | Buffer, headers: Record<string, string> = {}) {
  return serveHttp((_, response) => response.writeHead(status, headers).end(body));
}
