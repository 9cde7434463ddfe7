import { Hono } from 'hono';
import { Counter, Histogram, Registry } from 'prom-client';
import { METRICS } from '../call/metrics';
import { FATES, type Received } from './receive';
import { REFUSALS, type Refusal } from '../runtime/refusals';

/** What the bridge counts. */
export interface BridgeMetrics {
  received(received: Received): void;
  refused(refusal: Refusal): void;
  /** `GET /metrics`, for an address of its own: never that of the deliveries. */
  readonly app: Hono;
}

/** Not the SDK's exporter, which would load the core of a worker. */
export function createBridgeMetrics(namespace: string): BridgeMetrics {
  const registry = new Registry();
  registry.setDefaultLabels({ namespace });
  const registers = [registry];
  const { deliveries, httpRefusals, webhookLag, signalTime } = METRICS;
  const count = counter(deliveries);
  const refusals = counter(httpRefusals);
  // A series that begins with its first count shows no increase.
  for (const result of FATES) count.inc({ result }, 0);
  for (const reason of REFUSALS) refusals.inc({ reason }, 0);
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
    refused: ({ reason }) => refusals.inc({ reason }),
    app,
  };

  function counter({ name, help, labels }: typeof deliveries | typeof httpRefusals): Counter {
    return new Counter({ name, help, labelNames: [...labels], registers });
  }

  function histogram({ name, help, buckets }: typeof webhookLag | typeof signalTime): Histogram {
    return new Histogram({ name, help, buckets: [...buckets], registers });
  }
}
