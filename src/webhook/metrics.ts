import { Hono } from 'hono';
import { Counter, Histogram, Registry } from 'prom-client';
import { METRICS } from '../call/metrics';
import { FATES, type Received } from './receive';

/** What the bridge counts. */
export interface BridgeMetrics {
  received(received: Received): void;
  /** `GET /metrics`, for an address of its own: never that of the deliveries. */
  readonly app: Hono;
}

/** Not the SDK's exporter, which would load the core of a worker. */
export function createBridgeMetrics(namespace: string): BridgeMetrics {
  const registry = new Registry();
  registry.setDefaultLabels({ namespace });
  const registers = [registry];
  const { deliveries, webhookLag, signalTime } = METRICS;
  const count = new Counter({
    name: deliveries.name,
    help: deliveries.help,
    labelNames: [...deliveries.labels],
    registers,
  });
  // A series that begins with its first count shows no increase.
  for (const result of FATES) count.inc({ result }, 0);
  const lag = histogram(webhookLag);
  const signal = histogram(signalTime);

  const app = new Hono();
  app.get('/metrics', async (context) =>
    context.body(await registry.metrics(), 200, { 'content-type': registry.contentType }),
  );
  app.notFound((context) => context.body(null, 404));
  return {
    received: ({ fate, lagMs, tookMs }) => {
      count.inc({ result: fate });
      // What no run took may be of another environment, or told long ago.
      if (fate === 'taken' && lagMs !== undefined) lag.observe(lagMs / 1000);
      if (tookMs !== undefined) signal.observe(tookMs / 1000);
    },
    app,
  };

  function histogram({ name, help, buckets }: typeof webhookLag | typeof signalTime): Histogram {
    return new Histogram({ name, help, buckets: [...buckets], registers });
  }
}
