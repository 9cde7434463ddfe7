import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { promisify } from 'node:util';
import { getRequestListener } from '@hono/node-server';
import { maskNumber } from '../../call/text/masking';
import { httpAddress, portOf } from '../../runtime/addresses';
import { cannotListen, loadEnvironment, runMain, untilStopped } from '../../runtime/process';
import { API_PATH, createSimulator } from './app';
import { readSimulatorConfig } from './environment';
import type { Dial } from './phones/ledger';

runMain(async () => {
  const { host, port, logFormat, ...options } = readSimulatorConfig(loadEnvironment());
  const format = logFormat ?? (process.stdout.isTTY ? 'text' : 'json');
  const simulator = createSimulator({
    ...options,
    host,
    onDial: (dial) => process.stdout.write(`${dialLine(dial, format)}\n`),
    onRefuse: (forMs) => refuse(server, host, forMs),
  });
  const server = createServer(getRequestListener(simulator.app.fetch));
  await listen(server, host, port).catch((cause: unknown) => {
    throw cannotListen(`SIMULATOR_HOST ${host}, SIMULATOR_PORT ${port}`, cause);
  });
  const ready = `Simulator ready on ${httpAddress(host, portOf(server))}${API_PATH}  (ledger: GET /_sim/ledger)`;
  await untilStopped(async () => {
    simulator.close();
    await close(server);
  }, ready);
});

/** Refuses connections for a while, a fault that no response can simulate. */
function refuse(server: Server, host: string, forMs: number): void {
  const port = portOf(server);
  // The response to this request is sent first.
  setImmediate(() => {
    void close(server);
    setTimeout(() => void listen(server, host, port), forMs);
  });
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host);
  await once(server, 'listening');
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = promisify(server.close.bind(server))();
  server.closeAllConnections();
  await closed;
}

/** One line per dial, without variables and full numbers, which the ledger's posts contain. */
function dialLine({ seq, ref, callId, number, postNo }: Dial, format: 'json' | 'text'): string {
  const to = maskNumber(number);
  return format === 'json'
    ? `dial ${JSON.stringify({ seq, ref, callId, to, postNo })}`
    : `dial ${seq}  to ${to}  ${callId}  ${ref}`;
}
