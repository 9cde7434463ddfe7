import type { Hono } from 'hono';
import { httpAddress } from '../runtime/addresses';
import { readBridgeConfig, type BridgeConfig } from '../runtime/config';
import type { HttpRefusal } from '../runtime/http-refusal';
import { close, listen } from '../runtime/http-server';
import { unknownSettings } from '../runtime/list-settings';
import { createLogger } from '../runtime/log';
import { cannotListen, loadEnvironment, runMain, untilStopped } from '../runtime/process';
import { createTemporalClient } from '../temporal/client';
import { TRUEDY_CALL_ID } from '../workflows/search-attributes';
import { withTimeout } from '../runtime/timeout';
import { createWebhookApp, WEBHOOK_PATH } from './app';
import { createCorrelate } from './correlate';
import { shouldSendContinue } from './expect-continue';
import { createBridgeMetrics } from './metrics';
import { listenForProbes } from '../runtime/health';
import { isUnverified } from './receive';
import { createRateLimitedLog } from './rate-limited-log';
import { createSignal } from './signal';
import { GRPC_STATUS, grpcCodeOf } from '../temporal/grpc-status';

const PING_LIMIT_MS = 2_000;
const { NOT_FOUND, PERMISSION_DENIED, UNAUTHENTICATED } = GRPC_STATUS;
const REJECTION_CODES: readonly unknown[] = [NOT_FOUND, PERMISSION_DENIED, UNAUTHENTICATED];

runMain(async () => {
  const env = loadEnvironment();
  const config = readBridgeConfig(env);
  const { host, port, keepAliveMs, healthPort, metricsAddress } = config;
  const log = createLogger({ name: 'bridge', level: config.logLevel, format: config.logFormat });
  for (const line of unknownSettings(env)) log.warn(line);
  // Connects on first use: the bridge starts without Temporal and answers 503 until Temporal is reachable.
  const { client, connection, namespace, address } = createTemporalClient(env);
  const metrics = createBridgeMetrics(namespace);
  const logRefusal = createRateLimitedLog(log, Date.now);
  const onRefused = (refusal: HttpRefusal) => {
    metrics.refused(refusal);
    logRefusal(refusal.source, refusal, 'refused');
  };
  // The port of deliveries is public, so only a separate port for probes names the server.
  const names = healthPort === undefined ? undefined : { namespace, address };
  const health = {
    isLive: () => true,
    because: () => notReadyReasons(connection, namespace, names),
  };
  const app = createWebhookApp({
    secrets: config.secrets,
    now: Date.now,
    correlate: createCorrelate(client, namespace, () =>
      log.warn(`Namespace ${namespace} has no ${TRUEDY_CALL_ID.name}: matching by reference only`),
    ),
    signal: createSignal(client),
    onReceived: (received, source) => {
      metrics.received(received);
      if (isUnverified(received)) logRefusal(source, received, 'delivery');
      else log.info(received, 'delivery');
    },
    onRefused,
    ...(healthPort === undefined && { health }),
  });
  const metricsServer = metricsAddress && (await serveMetrics(metrics.app, metricsAddress));
  const probes = await listenForProbes(config, health);
  const listenOptions = { host, port, keepAliveMs, onRefused, shouldSendContinue };
  const { server, port: bound } = await listen(app, listenOptions).catch((cause: unknown) => {
    throw cannotListen(`WEBHOOK_HOST ${host}, WEBHOOK_PORT ${port}`, cause);
  });
  const ready = `Bridge ready on ${httpAddress(host, bound)}${WEBHOOK_PATH}`;
  await untilStopped(() => close(server), ready);
  if (metricsServer !== undefined) await close(metricsServer);
  if (probes !== undefined) await close(probes);
  await connection.close();
});

/** Serves the metrics on a separate address, because the one for deliveries is public. */
async function serveMetrics(app: Hono, address: NonNullable<BridgeConfig['metricsAddress']>) {
  const { server } = await listen(app, address).catch((cause: unknown) => {
    throw cannotListen(`METRICS_ADDRESS ${address.text}`, cause);
  });
  return server;
}

type Connection = ReturnType<typeof createTemporalClient>['connection'];

/** Why the bridge is not ready. Asks for the namespace, because a server without it accepts no signals. */
async function notReadyReasons(
  connection: Connection,
  namespace: string,
  /** Named in the reasons. Absent if the reasons are public. */
  names?: { readonly namespace: string; readonly address: string },
): Promise<readonly string[]> {
  try {
    const ping = connection.withDeadline(Date.now() + PING_LIMIT_MS, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
    await withTimeout(PING_LIMIT_MS, ping);
    return [];
  } catch (error) {
    const isRejected = REJECTION_CODES.includes(grpcCodeOf(error));
    if (names === undefined) {
      return [isRejected ? 'Temporal rejected the namespace' : 'Temporal is unreachable'];
    }
    const problem = isRejected ? `rejected namespace ${names.namespace}` : 'is unreachable';
    return [`Temporal at ${names.address} ${problem}`];
  }
}
