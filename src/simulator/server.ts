import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { promisify } from 'node:util';

import { getRequestListener } from '@hono/node-server';

import { maskNumber } from '../call/words';
import { loadEnvironment, runMain, SettingsError, untilStopped } from '../process';
import { API_PATH, createSimulator } from './app';
import { readSimulatorConfig } from './environment';
import type { Dial } from './ledger';

const HOST = '127.0.0.1';

runMain(async () => {
  const { port, ...options } = readSimulatorConfig(loadEnvironment());
  const simulator = createSimulator({
    ...options,
    onDial: say,
    onRefuse: (forMs) => refuse(server, forMs),
  });
  const server = createServer(getRequestListener(simulator.app.fetch));
  await listen(server, port).catch((cause: unknown) => {
    throw new SettingsError(
      `TT2001  1 setting is wrong: SIMULATOR_PORT ${port} cannot be used: ${textOf(cause)}`,
    );
  });
  const ready = `Simulator ready on http://${HOST}:${portOf(server)}${API_PATH}  (ledger: GET /_sim/ledger)`;
  await untilStopped(async () => {
    simulator.close();
    await close(server);
  }, ready);
});

/** Refuses connections for a while: the one fault that cannot be answered. */
function refuse(server: Server, forMs: number): void {
  const port = portOf(server);
  // Its own answer leaves first.
  setImmediate(() => {
    void close(server);
    setTimeout(() => void listen(server, port), forMs);
  });
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, HOST);
  await once(server, 'listening');
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = promisify(server.close.bind(server))();
  server.closeAllConnections();
  await closed;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** One line per dial. Variables and numbers stay out of it: they are in the ledger's posts. */
function say({ seq, ref, callId, number, postNo }: Dial): void {
  const dial = { seq, ref, callId, to: maskNumber(number), postNo };
  process.stdout.write(`dial ${JSON.stringify(dial)}\n`);
}
