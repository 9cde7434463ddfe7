import type { IncomingMessage, ServerResponse } from 'node:http';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';
import type { Answer, Reply } from './responses';
import { wait, type Clock } from '../phones/clock';

/** The Node objects of a real server, which `app.request()` does not have. */
export interface SimulatorEnv {
  Bindings: { readonly incoming?: IncomingMessage; readonly outgoing?: ServerResponse };
}

export type SimulatorContext = Context<SimulatorEnv>;

/** Sends a reply with its network fault, if it has one. */
export async function sendReply(
  c: SimulatorContext,
  reply: Reply,
  clock: Clock,
): Promise<Response> {
  if (reply.kind === 'whole') return toResponse(reply.answer);
  const { outgoing } = c.env;
  if (outgoing === undefined) throw new Error(`A "${reply.kind}" reply needs a real connection`);
  switch (reply.kind) {
    case 'cut':
      break;
    case 'cut_body':
      await startBody(outgoing, reply.answer);
      break;
    case 'drip':
      await drip(outgoing, reply.answer, reply.everyMs, clock);
      return RESPONSE_ALREADY_SENT;
  }
  outgoing.socket?.resetAndDestroy();
  return RESPONSE_ALREADY_SENT;
}

/** Resolves once the client has disconnected or `atMostMs` have passed. */
export async function untilDisconnected(
  c: SimulatorContext,
  atMostMs: number | undefined,
  clock: Clock,
): Promise<void> {
  const { outgoing } = c.env;
  await new Promise<void>((resolve) => {
    if (atMostMs !== undefined) clock.schedule(atMostMs, resolve);
    if (outgoing === undefined && atMostMs === undefined) resolve();
    outgoing?.once('close', resolve);
  });
}

function toResponse({ status, headers, body }: Answer): Response {
  return new Response(body === '' ? null : body, { status, headers: { ...headers } });
}

function startBody(outgoing: ServerResponse, answer: Answer): Promise<void> {
  const { body } = answer;
  writeHead(outgoing, answer);
  return new Promise((resolve) => {
    outgoing.write(body.slice(0, body.length / 2), () => resolve());
  });
}

async function drip(
  outgoing: ServerResponse,
  answer: Answer,
  everyMs: number,
  clock: Clock,
): Promise<void> {
  writeHead(outgoing, answer);
  outgoing.flushHeaders();
  for (const byte of Buffer.from(answer.body)) {
    if (outgoing.destroyed) return;
    outgoing.write(Buffer.of(byte));
    await wait(clock, everyMs);
  }
  outgoing.end();
}

function writeHead(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  outgoing.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
}
