import type { Hono } from 'hono';
import { readBridgeConfig, unknownSettings, type BridgeConfig } from '../config';
import { createLogger } from '../log';
import { cannotListen, loadEnvironment, runMain, untilStopped } from '../process';
import { createTemporalClient } from '../temporal/client';
import { TRUEDY_CALL_ID } from '../workflows/search-attributes';
import { within } from '../within';
import { createWebhookApp, WEBHOOK_PATH } from './app';
import { codeOf, createCorrelate } from './correlate';
import { close, listen } from './http-server';
import { createBridgeMetrics } from './metrics';
import { createSignal } from './signal';

const PING_LIMIT_MS = 2_000;
/** gRPC's NOT_FOUND, PERMISSION_DENIED and UNAUTHENTICATED. */
const REFUSALS: ReadonlySet<unknown> = new Set([5, 7, 16]);

runMain(async () => {
  const env = loadEnvironment();
  const { host, port, metricsAddress, secrets, logLevel, logFormat } = readBridgeConfig(env);
  const log = createLogger({ name: 'bridge', level: logLevel, format: logFormat });
  for (const line of unknownSettings(env)) log.warn(line);
  // Connects when it is first used: the bridge starts without Temporal, and answers 503 meanwhile.
  const { client, connection, namespace, address } = createTemporalClient(env);
  const metrics = createBridgeMetrics(namespace);
  const app = createWebhookApp({
    secrets,
    now: Date.now,
    correlate: createCorrelate(client, namespace, () =>
      log.warn(`Namespace ${namespace} has no ${TRUEDY_CALL_ID.name}: only references are matched`),
    ),
    signal: createSignal(client),
    onReceived: (received, isOver) => {
      metrics.received(received);
      if (!isOver) log.info(received, 'delivery');
    },
    onFlood: (source) => log.warn({ source }, 'over 100 refused in a minute; more are not logged'),
    onFault: (error) => log.warn({ error: error.name }, 'unanswered'),
    health: { isLive: () => true, because: () => unreadiness(connection, namespace, address) },
  });
  const page = metricsAddress && (await serveMetrics(metrics.app, metricsAddress));
  const { server, port: bound } = await listen(app, { host, port }).catch((cause: unknown) => {
    throw cannotListen(`WEBHOOK_HOST ${host}, WEBHOOK_PORT ${port}`, cause);
  });
  const ready = `Bridge ready on http://${host}:${bound}${WEBHOOK_PATH}`;
  await untilStopped(() => close(server), ready);
  if (page !== undefined) await close(page);
  await connection.close();
});

/** A server of its own: the one of the deliveries is open to the world. */
async function serveMetrics(app: Hono, at: NonNullable<BridgeConfig['metricsAddress']>) {
  const { server } = await listen(app, at).catch((cause: unknown) => {
    throw cannotListen(`METRICS_ADDRESS ${at.text}`, cause);
  });
  return server;
}

type Connection = ReturnType<typeof createTemporalClient>['connection'];

/** Asks for the namespace: a server that answers, and does not have it, takes no signal either. */
async function unreadiness(
  connection: Connection,
  namespace: string,
  address: string,
): Promise<readonly string[]> {
  try {
    const ping = connection.withDeadline(Date.now() + PING_LIMIT_MS, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
    await within(PING_LIMIT_MS, ping);
    return [];
  } catch (error) {
    return REFUSALS.has(codeOf(error))
      ? [`Temporal at ${address} refuses namespace ${namespace}`]
      : [`Temporal at ${address} does not answer`];
  }
}
