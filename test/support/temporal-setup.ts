import { startDevServer, type DevServer } from '../../src/testing/dev-server/dev-server';

declare global {
  var temporalServer: DevServer | undefined;
}

/** Starts one real server for the whole test run. If that is not possible, the run fails. */
export default async function setup(): Promise<void> {
  if (process.env['TRUEDY_TEST_TEMPORAL_ADDRESS']) return;
  const say = (line: string) => process.stderr.write(`${line}\n`);
  globalThis.temporalServer = await startDevServer({ attach: false, say });
  process.env['TRUEDY_TEST_TEMPORAL_ADDRESS'] = globalThis.temporalServer.address;
}
