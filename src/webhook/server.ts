import { readBridgeConfig, unknownSettings } from '../config';
import { createLogger } from '../log';
import { loadEnvironment, runMain, untilStopped } from '../process';
import { createTemporalClient } from '../temporal/client';
import { createWebhookApp, WEBHOOK_PATH } from './app';
import { createCorrelate } from './correlate';
import { close, listen } from './http-server';
import { createSignal } from './signal';

const PING_LIMIT_MS = 2_000;

runMain(async () => {
  const env = loadEnvironment();
  const { host, port, secrets, logLevel } = readBridgeConfig(env);
  const log = createLogger({ name: 'bridge', level: logLevel });
  for (const line of unknownSettings(env)) log.warn(line);
  // Connects when it is first used: the bridge starts without Temporal, and answers 503 meanwhile.
  const { client, connection, namespace, address } = createTemporalClient(env);
  const app = createWebhookApp({
    secrets,
    now: Date.now,
    correlate: createCorrelate(client, namespace),
    signal: createSignal(client),
    onReceived: (received) => log.info(received, 'delivery'),
    health: { isLive: () => true, because: () => unreadiness(connection, address) },
  });
  const { server, port: bound } = await listen(app, { host, port });
  process.stdout.write(`Bridge ready on http://${host}:${bound}${WEBHOOK_PATH}\n`);
  await untilStopped(() => close(server));
  await connection.close();
});

type Connection = ReturnType<typeof createTemporalClient>['connection'];

async function unreadiness(connection: Connection, address: string): Promise<readonly string[]> {
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('no answer')), PING_LIMIT_MS).unref();
  });
  try {
    const ping = connection.workflowService.getSystemInfo({});
    await Promise.race([ping, late]);
    return [];
  } catch {
    return [`Temporal at ${address} does not answer`];
  }
}
