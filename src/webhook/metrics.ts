import { Hono } from 'hono';
import { Counter, Histogram, Registry } from 'prom-client';
import { METRICS } from '../call/metrics';
import { DELIVERY_RESULTS, type Received } from './receive';
import { HTTP_REFUSAL_REASONS, type HttpRefusal } from '../runtime/http-refusal';

export interface BridgeMetrics {
  received(received: Received): void;
  refused(refusal: HttpRefusal): void;
  /** Serves `GET /metrics`. For a separate address, never the one that receives deliveries. */
  readonly app: Hono;
}

/** Uses prom-client, because the SDK's exporter would load the core of a worker. */
export function createBridgeMetrics(namespace: string): BridgeMetrics {
  const registry = new Registry();
  registry.setDefaultLabels({ namespace });
  const registers = [registry];
  const { deliveries, httpRefusals, webhookLag, signalTime } = METRICS;
  const count = counter(deliveries);
  const refusals = counter(httpRefusals);
  // Prometheus sees no increase in a series that starts with its first count, so every series starts at 0.
  for (const result of DELIVERY_RESULTS) count.inc({ result }, 0);
  for (const reason of HTTP_REFUSAL_REASONS) refusals.inc({ reason }, 0);
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
      // A delivery that no run accepted may belong to another environment, or be a repeat of an old one.
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
