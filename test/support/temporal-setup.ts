import { startDevServer, type DevServer } from '../../src/testing/dev-server/dev-server';

declare global {
  var temporalServer: DevServer | undefined;
}

/** One real server for the whole run; where none can be had, the run fails. */
export default async function setup(): Promise<void> {
  if (process.env['TRUEDY_TEST_TEMPORAL_ADDRESS']) return;
  const say = (line: string) => process.stderr.write(`${line}\n`);
  globalThis.temporalServer = await startDevServer({ attach: false, say });
  process.env['TRUEDY_TEST_TEMPORAL_ADDRESS'] = globalThis.temporalServer.address;
}
