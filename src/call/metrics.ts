import { FAILURE_TYPES, type FailureType } from './placement';
import { LEARNED_BY, type CallResult, type LearnedBy } from './api-types';
import type { ContactAnswer, ContactLimit } from './contact/contact';
import { PHASES } from './phase';

/** One of our metrics, as both exporters register it. */
export interface Metric {
  /** Ends in its unit, if it has one. Counters have no `_total` suffix, like those of Temporal's SDK. */
  readonly name: `truedy_${string}`;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly process: 'worker' | 'bridge';
  /** What is counted or measured, such as `calls` or `seconds`. */
  readonly unit: string;
  /** In addition to `namespace`, which every metric has. Never an id, a phone number or a person's name. */
  readonly labels: readonly string[];
  readonly help: string;
  /** The upper bounds of a histogram. */
  readonly buckets?: readonly number[];
}

/** All of our metrics. The worker exports those of Temporal's SDK on the same page. */
export const METRICS = {
  callsEnded: {
    name: 'truedy_calls_ended',
    kind: 'counter',
    process: 'worker',
    unit: 'calls',
    labels: ['outcome', 'learned_by'],
    help: 'Runs that completed with a result',
  },
  callsFailed: {
    name: 'truedy_calls_failed',
    kind: 'counter',
    process: 'worker',
    unit: 'calls',
    labels: ['type'],
    help: 'Runs that failed with a problem that has to be fixed',
  },
  flags: {
    name: 'truedy_flags',
    kind: 'counter',
    process: 'worker',
    unit: 'flags',
    labels: ['flag'],
    help: 'Attempts that an operator should check, by reason; no further attempt is dialed after one',
  },
  contactAsks: {
    name: 'truedy_contact_asks',
    kind: 'counter',
    process: 'worker',
    unit: 'questions',
    labels: ['answer'],
    help: 'Questions before a dial to the contact workflow of the person, by answer',
  },
  contactOptOuts: {
    name: 'truedy_contact_opt_outs',
    kind: 'counter',
    process: 'worker',
    unit: 'people',
    labels: ['source'],
    help: 'People who opted out, on a call or by request',
  },
  contactExceeded: {
    name: 'truedy_contact_exceeded',
    kind: 'counter',
    process: 'worker',
    unit: 'calls',
    labels: ['limit'],
    help: 'Calls to a person beyond a limit of the contact policy, by limit',
  },
  contactLimitsChanged: {
    name: 'truedy_contact_limits_changed',
    kind: 'counter',
    process: 'worker',
    unit: 'questions',
    labels: [],
    help: 'Questions before a dial with other limits than the question before about the same person',
  },
  contactReportsLost: {
    name: 'truedy_contact_reports_lost',
    kind: 'counter',
    process: 'worker',
    unit: 'reports',
    labels: ['report'],
    help: 'Reports of the end of an attempt, or of an opt-out, that its contact workflow did not receive',
  },
  callsOpen: {
    name: 'truedy_calls_open',
    kind: 'gauge',
    process: 'worker',
    unit: 'calls',
    labels: ['phase'],
    help: 'Open calls in the namespace, by phase',
  },
  readsPerCall: {
    name: 'truedy_reads_per_call',
    kind: 'histogram',
    process: 'worker',
    unit: 'reads',
    labels: [],
    help: 'Reads until the outcome of a call was known',
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
    help: 'Webhook deliveries, by result',
  },
  httpRefusals: {
    name: 'truedy_http_refusals',
    kind: 'counter',
    process: 'bridge',
    unit: 'requests',
    labels: ['reason'],
    help: 'Requests and connections that the bridge refused before it had a delivery to verify',
  },
  webhookLag: {
    name: 'truedy_webhook_lag_seconds',
    kind: 'histogram',
    process: 'bridge',
    unit: 'seconds',
    labels: [],
    help: "Time from Truedy's ended_at until the delivery that reported it was accepted",
    buckets: [0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3_600],
  },
  signalTime: {
    name: 'truedy_signal_seconds',
    kind: 'histogram',
    process: 'bridge',
    unit: 'seconds',
    labels: [],
    help: 'Time that Temporal took to find the run and accept the signal',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3],
  },
} as const satisfies Readonly<Record<string, Metric>>;

/** Which source reported the outcome. `none`: no source did. */
export const LEARNED_BY_LABELS = [...LEARNED_BY, 'none'] as const;

export function learnedByLabel({ outcome, attempts }: CallResult): LearnedBy | 'none' {
  const last = attempts.at(-1);
  // After the last attempt the run may have expired or been stopped. Then the attempt does not decide the outcome.
  return (last?.outcome === outcome ? last.learnedBy : undefined) ?? 'none';
}

/** The failure types that are counted. `other` is a bug of ours. */
export const FAILURE_LABELS = [...FAILURE_TYPES, 'other'] as const;

export function failureLabel(type: string | null | undefined): FailureType | 'other' {
  return FAILURE_TYPES.find((known) => known === type) ?? 'other';
}

/** The answers to a question before a dial. */
export const ANSWER_LABELS = [
  'reserved',
  'not_before',
  'opted_out',
  'late',
] as const satisfies readonly ContactAnswer['kind'][];

/** What a contact policy limits. */
export const LIMIT_LABELS = [
  'minGap',
  'perDay',
  'perWeek',
  'concurrent',
] as const satisfies readonly ContactLimit[];

/** What an opt-out came from: how a call ended, or a request to the contact workflow. */
export const OPT_OUT_SOURCES = ['call', 'request'] as const;
export type OptOutSource = (typeof OPT_OUT_SOURCES)[number];

/** What a lost report contained. */
export const REPORT_LABELS = ['end', 'opt_out'] as const;

/** The phases of an open call. */
export const OPEN_PHASES = PHASES.filter((phase) => phase !== 'ended');
