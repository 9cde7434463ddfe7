import type { MetricCounter } from '@temporalio/common';
import { Runtime, type RuntimeOptions } from '@temporalio/worker';
import { FLAGS } from '../call/api-types';
import type { Phase } from '../call/phase';
import { OUTCOMES } from '../call/outcome';
import {
  ANSWER_LABELS,
  FAILURE_LABELS,
  LEARNED_BY_LABELS,
  LIMIT_LABELS,
  METRICS,
  OPT_OUT_SOURCES,
  REPORT_LABELS,
  type Metric,
} from '../call/metrics';
import type { WorkerConfig } from '../runtime/config';
import { cannotListen } from '../runtime/process';
import type { Answered } from '../truedy/client';
import { CONTACT_WORKFLOW_TYPE, WORKFLOW_TYPE } from '../workflows/messages';

/** The metrics of a worker process, apart from those that its workflows record. */
export interface WorkerMetrics {
  answered(answered: Answered): void;
  open(counts: ReadonlyMap<Phase, number>): void;
  reachable(isReachable: boolean): void;
}

/** Creates the metrics of this process. They are discarded if the runtime has no metrics page. */
export function createWorkerMetrics(namespace: string, taskQueue: string): WorkerMetrics {
  const meter = Runtime.instance().metricMeter.withTags({ namespace });
  const counter = ({ name, unit, help }: Metric) => meter.createCounter(name, unit, help);
  const gauge = ({ name, unit, help }: Metric) => meter.createGauge(name, 'int', unit, help);

  // Start every series at 0. A series that starts with its first count shows no increase, so an alert would miss
  // the first `unknown`. The tags are those of the SDK's meter in a workflow.
  const workflowTags = { taskQueue, workflowType: WORKFLOW_TYPE };
  const ended = counter(METRICS.callsEnded).withTags(workflowTags);
  for (const outcome of OUTCOMES) {
    for (const learned_by of LEARNED_BY_LABELS) ended.add(0, { outcome, learned_by });
  }
  const failed = counter(METRICS.callsFailed).withTags(workflowTags);
  for (const type of FAILURE_LABELS) failed.add(0, { type });
  const flags = counter(METRICS.flags).withTags(workflowTags);
  for (const flag of Object.keys(FLAGS)) flags.add(0, { flag });
  const lost = counter(METRICS.contactReportsLost).withTags(workflowTags);
  for (const report of REPORT_LABELS) lost.add(0, { report });
  startContactSeries((metric) =>
    counter(metric).withTags({ taskQueue, workflowType: CONTACT_WORKFLOW_TYPE }),
  );

  const requests = counter(METRICS.requests);
  const open = gauge(METRICS.callsOpen);
  const reachable = gauge(METRICS.temporalReachable);
  return {
    answered: ({ kind, status }) => requests.add(1, { kind, status }),
    open: (counts) => {
      for (const [phase, count] of counts) open.set(count, { phase });
    },
    reachable: (isReachable) => reachable.set(isReachable ? 1 : 0),
  };
}

/**
 * Installs the SDK's runtime, with a metrics page if it has an address.
 *
 * @throws SettingsError if the address is not available.
 */
export function installWithMetrics(
  options: RuntimeOptions,
  address: WorkerConfig['metricsAddress'],
): void {
  try {
    Runtime.install({
      ...options,
      telemetryOptions: { ...options.telemetryOptions, ...metricsOptions(address) },
    });
  } catch (error) {
    const [, why] = /prometheus metrics exporter: (.*)/.exec(String(error)) ?? [];
    if (address === undefined || why === undefined) throw error;
    throw cannotListen(`METRICS_ADDRESS ${address.text}`, why);
  }
}

// --- internal ---

function startContactSeries(counter: (metric: Metric) => MetricCounter): void {
  const asks = counter(METRICS.contactAsks);
  for (const answer of ANSWER_LABELS) asks.add(0, { answer });
  const optOuts = counter(METRICS.contactOptOuts);
  for (const source of OPT_OUT_SOURCES) optOuts.add(0, { source });
  const exceeded = counter(METRICS.contactExceeded);
  for (const limit of LIMIT_LABELS) exceeded.add(0, { limit });
  counter(METRICS.contactLimitsChanged).add(0);
}

/** Leaves the names and units of the SDK's own metrics unchanged, because Temporal's dashboards use them. */
function metricsOptions(address: WorkerConfig['metricsAddress']) {
  if (address === undefined) return {};
  const { name, buckets } = METRICS.readsPerCall;
  const histogramBucketOverrides = { [name]: [...buckets] };
  return { metrics: { prometheus: { bindAddress: address.text, histogramBucketOverrides } } };
}
