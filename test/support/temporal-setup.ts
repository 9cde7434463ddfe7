import { startDevServer, type DevServer } from '../../src/testing/dev-server/dev-server';
import { bundleWorkflows } from './workflow-bundles';

declare global {
  var temporalServer: DevServer | undefined;
}

/** Starts one real server and bundles the workflows for the whole test run. If that is not possible, the run fails. */
export default async function setup(): Promise<void> {
  await Promise.all([startServer(), bundleWorkflows()]);
}

async function startServer(): Promise<void> {
  if (process.env['TRUEDY_TEST_TEMPORAL_ADDRESS']) return;
  const say = (line: string) => process.stderr.write(`${line}\n`);
  globalThis.temporalServer = await startDevServer({ attach: false, say });
  process.env['TRUEDY_TEST_TEMPORAL_ADDRESS'] = globalThis.temporalServer.address;
}
