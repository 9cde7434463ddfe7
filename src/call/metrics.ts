import { FAILURE_TYPES, type FailureType } from './dial-request';
import { LEARNED_BY, PHASES, type CallResult, type LearnedBy } from './api-types';

/** One metric of ours, as both exporters are told of it. */
export interface Metric {
  /** Ends in its unit where it has one; counters have no `_total`, as those of Temporal's SDK beside them. */
  readonly name: `truedy_${string}`;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly process: 'worker' | 'bridge';
  /** What one is: `calls`, `seconds`. */
  readonly unit: string;
  /** Besides `namespace`, which all of them have. Never an id, a number or a name of somebody. */
  readonly labels: readonly string[];
  readonly help: string;
  /** Of a histogram: the upper bounds. */
  readonly buckets?: readonly number[];
}

/** Every metric of ours; those of Temporal's SDK stand beside the worker's on its page. */
export const METRICS = {
  callsEnded: {
    name: 'truedy_calls_ended',
    kind: 'counter',
    process: 'worker',
    unit: 'calls',
    labels: ['outcome', 'learned_by'],
    help: 'Conversations that closed with a result',
  },
  callsFailed: {
    name: 'truedy_calls_failed',
    kind: 'counter',
    process: 'worker',
    unit: 'calls',
    labels: ['type'],
    help: 'Conversations that closed with a failure somebody has to repair',
  },
  flags: {
    name: 'truedy_flags',
    kind: 'counter',
    process: 'worker',
    unit: 'flags',
    labels: ['flag'],
    help: 'Attempts that a person should look at, by why; no further attempt follows one',
  },
  callsOpen: {
    name: 'truedy_calls_open',
    kind: 'gauge',
    process: 'worker',
    unit: 'calls',
    labels: ['phase'],
    help: 'Open conversations of the whole namespace, by the phase that lists show',
  },
  readsPerCall: {
    name: 'truedy_reads_per_call',
    kind: 'histogram',
    process: 'worker',
    unit: 'reads',
    labels: [],
    help: 'Reads it took to learn how a conversation ended',
    buckets: [0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89],
  },
  requests: {
    name: 'truedy_requests',
    kind: 'counter',
    process: 'worker',
    unit: 'requests',
    labels: ['kind', 'status'],
    help: 'Requests to Truedy',
  },
  temporalReachable: {
    name: 'truedy_temporal_reachable',
    kind: 'gauge',
    process: 'worker',
    unit: '0 or 1',
    labels: [],
    help: 'Whether Temporal answered the last ping of this worker',
  },
  deliveries: {
    name: 'truedy_deliveries',
    kind: 'counter',
    process: 'bridge',
    unit: 'deliveries',
    labels: ['result'],
    help: 'Webhook deliveries, by what became of them',
  },
  httpRefusals: {
    name: 'truedy_http_refusals',
    kind: 'counter',
    process: 'bridge',
    unit: 'requests',
    labels: ['reason'],
    help: 'Requests and connections that the bridge refused before there was a delivery to judge',
  },
  webhookLag: {
    name: 'truedy_webhook_lag_seconds',
    kind: 'histogram',
    process: 'bridge',
    unit: 'seconds',
    labels: [],
    help: "From the vendor's ended_at until the delivery that told of it was taken",
    buckets: [0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3_600],
  },
  signalTime: {
    name: 'truedy_signal_seconds',
    kind: 'histogram',
    process: 'bridge',
    unit: 'seconds',
    labels: [],
    help: 'How long Temporal took to find the run and take the signal',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3],
  },
} as const satisfies Readonly<Record<string, Metric>>;

/** How the ending that counts was learned; `none` where nothing told it. */
export const LEARNED_BY_LABELS = [...LEARNED_BY, 'none'] as const;

export function learnedByLabel({ outcome, attempts }: CallResult): LearnedBy | 'none' {
  const last = attempts.at(-1);
  // The last attempt does not decide a conversation that expired or was stopped after it.
  return (last?.outcome === outcome ? last.learnedBy : undefined) ?? 'none';
}

/** The types a failure is counted by; `other` is a fault of ours. */
export const FAILURE_LABELS = [...FAILURE_TYPES, 'other'] as const;

export function failureLabel(type: string | null | undefined): FailureType | 'other' {
  return FAILURE_TYPES.find((known) => known === type) ?? 'other';
}

/** The phases of open conversations. */
export const OPEN_PHASES = PHASES.filter((phase) => phase !== 'ended');
