import { Resource } from '@opentelemetry/resources';
import { NodeTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-node';
import * as otel from '@temporalio/interceptors-opentelemetry';
import type { WorkerInterceptors } from '@temporalio/worker';

/** One trace from a workflow to the request that dials. Every worker needs the result. */
export function startTracing(spanProcessor: SpanProcessor) {
  const resource = new Resource({ 'service.name': 'appointment-reminder' });
  // Registers a context manager and a propagator, without which each span starts a trace of its own.
  new NodeTracerProvider({ resource, spanProcessors: [spanProcessor] }).register();
  const module = '@temporalio/interceptors-opentelemetry/lib/workflow-interceptors';
  const interceptors: WorkerInterceptors = {
    workflowModules: [require.resolve(module)],
    activity: [
      (context) => ({ inbound: new otel.OpenTelemetryActivityInboundInterceptor(context) }),
    ],
  };
  return { interceptors, sinks: { exporter: otel.makeWorkflowExporter(spanProcessor, resource) } };
}
