import type { Hono } from 'hono';
import { readBridgeConfig, unknownSettings, type BridgeConfig } from '../runtime/config';
import { httpAddress } from '../runtime/http-address';
import { createLogger } from '../runtime/log';
import { cannotListen, loadEnvironment, runMain, untilStopped } from '../runtime/process';
import { createTemporalClient } from '../temporal/client';
import { TRUEDY_CALL_ID } from '../workflows/search-attributes';
import { within } from '../runtime/timeout';
import { createWebhookApp, WEBHOOK_PATH } from './app';
import { createCorrelate } from './correlate';
import { close, listen } from '../runtime/http-server';
import { mayContinue } from './may-continue';
import { createBridgeMetrics } from './metrics';
import { listenForProbes } from '../runtime/probes';
import { isUnverified } from './receive';
import { createRefusalLog } from './refusal-log';
import type { Refusal } from '../runtime/refusals';
import { createSignal } from './signal';
import { GRPC_STATUS, grpcCodeOf } from '../temporal/grpc-status';

const PING_LIMIT_MS = 2_000;
const { NOT_FOUND, PERMISSION_DENIED, UNAUTHENTICATED } = GRPC_STATUS;
const REFUSED_CODES: readonly unknown[] = [NOT_FOUND, PERMISSION_DENIED, UNAUTHENTICATED];

runMain(async () => {
  const env = loadEnvironment();
  const config = readBridgeConfig(env);
  const { host, port, keepAliveMs, healthPort, metricsAddress } = config;
  const log = createLogger({ name: 'bridge', level: config.logLevel, format: config.logFormat });
  for (const line of unknownSettings(env)) log.warn(line);
  // Connects when it is first used: the bridge starts without Temporal, and answers 503 meanwhile.
  const { client, connection, namespace, address } = createTemporalClient(env);
  const metrics = createBridgeMetrics(namespace);
  const logRefusal = createRefusalLog(log, Date.now);
  const onRefused = (refusal: Refusal) => {
    metrics.refused(refusal);
    logRefusal(refusal.source, refusal, 'refused');
  };
  // Strangers reach the port of the deliveries: only a port of its own says which server is meant.
  const names = healthPort === undefined ? undefined : { namespace, address };
  const health = {
    isLive: () => true,
    because: () => unreadiness(connection, namespace, names),
  };
  const app = createWebhookApp({
    secrets: config.secrets,
    now: Date.now,
    correlate: createCorrelate(client, namespace, () =>
      log.warn(`Namespace ${namespace} has no ${TRUEDY_CALL_ID.name}: only references are matched`),
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
  const page = metricsAddress && (await serveMetrics(metrics.app, metricsAddress));
  const probes = await listenForProbes(config, health);
  const at = { host, port, keepAliveMs, onRefused, mayContinue };
  const { server, port: bound } = await listen(app, at).catch((cause: unknown) => {
    throw cannotListen(`WEBHOOK_HOST ${host}, WEBHOOK_PORT ${port}`, cause);
  });
  const ready = `Bridge ready on ${httpAddress(host, bound)}${WEBHOOK_PATH}`;
  await untilStopped(() => close(server), ready);
  if (page !== undefined) await close(page);
  if (probes !== undefined) await close(probes);
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
  /** What the reasons may name. */
  names?: { readonly namespace: string; readonly address: string },
): Promise<readonly string[]> {
  try {
    const ping = connection.withDeadline(Date.now() + PING_LIMIT_MS, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
    await within(PING_LIMIT_MS, ping);
    return [];
  } catch (error) {
    const isRefused = REFUSED_CODES.includes(grpcCodeOf(error));
    if (names === undefined) {
      return [isRefused ? 'Temporal refuses the namespace' : 'Temporal does not answer'];
    }
    const temporal = `Temporal at ${names.address}`;
    return [
      isRefused
        ? `${temporal} refuses namespace ${names.namespace}`
        : `${temporal} does not answer`,
    ];
  }
}
