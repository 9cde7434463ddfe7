import { randomUUID } from 'node:crypto';
import { Resource } from '@opentelemetry/resources';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { OpenTelemetryPlugin } from '@temporalio/interceptors-opentelemetry';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { phones, startTruedy, type RunningTruedy } from '../../src/testing';
import { TruedyPlugin } from '../../src/workers/plugin';
import { inputFor } from '../support/rig';
import { testAddress } from '../support/temporal';
import { until } from '../support/until';

const resource = new Resource({});
const exporter = new InMemorySpanExporter();
const spanProcessor = new SimpleSpanProcessor(exporter);
/** From the workflow of the user to the dial. */
const NAMES = ['RunWorkflow:Parent', 'RunWorkflow:OutboundCallWorkflow', 'RunActivity:placeCall'];

let truedy: RunningTruedy;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  // Without its context manager and propagator, every span starts a trace.
  new NodeTracerProvider({ resource, spanProcessors: [spanProcessor] }).register();
  truedy = await startTruedy({ address: testAddress(), workers: false });
});
afterAll(() => truedy.stop());

it.each(['before', 'after'])(
  'makes one trace with the OpenTelemetryPlugin %s the TruedyPlugin',
  async (place) => {
    exporter.reset();
    const plugins = [
      new OpenTelemetryPlugin({ resource, spanProcessor }),
      new TruedyPlugin(truedy.settings),
    ];
    const { client, connection, taskQueue } = truedy;
    const key = randomUUID();
    const worker = await Worker.create({
      connection,
      taskQueue: key,
      workflowsPath: require.resolve('./support/parent'),
      plugins: place === 'before' ? plugins : plugins.reverse(),
    });
    await worker.runUntil(
      client.workflow.execute('Parent', {
        workflowId: key,
        taskQueue: key,
        args: [key, taskQueue, inputFor(phones.busy)],
      }),
    );
    const spans = await until(async () => {
      const found = exporter.getFinishedSpans().filter(({ name }) => NAMES.includes(name));
      return found.length === NAMES.length && found;
    });
    expect(spans.map(({ name }) => name).sort()).toEqual([...NAMES].sort());
    expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1);
  },
  60_000,
);
