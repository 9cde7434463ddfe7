import { promisify } from 'node:util';

import { serve } from '@hono/node-server';

import { maskNumber } from '../call/words';
import { API_PATH, createSimulator } from './app';
import { readEnvironment, type SimulatorEnvironment } from './environment';
import type { Dial } from './ledger';

const read = readEnvironment(process.env);
if ('faults' in read) {
  for (const fault of read.faults) process.stderr.write(`${fault}\n`);
  process.exit(3);
}
run(read.settings);

function run({ port, ...options }: SimulatorEnvironment): void {
  const simulator = createSimulator({ ...options, onDial: say });
  const server = serve({ fetch: simulator.app.fetch, hostname: '127.0.0.1', port }, (address) => {
    process.stdout.write(
      `Simulator ready on http://127.0.0.1:${address.port}${API_PATH}  (ledger: GET /_sim/ledger)\n`,
    );
  });
  const close = promisify(server.close.bind(server));

  const stop = () => {
    simulator.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
    void close().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

/** One line per dial. Variables and numbers stay out of it: they are in the ledger's posts. */
function say({ seq, ref, callId, number, postNo }: Dial): void {
  const dial = { seq, ref, callId, to: maskNumber(number), postNo };
  process.stdout.write(`dial ${JSON.stringify(dial)}\n`);
}
