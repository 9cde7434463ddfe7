import { metricMeter } from '@temporalio/workflow';
import type { ContactAnswer, ContactLimit } from '../../call/contact/contact';
import { METRICS, type Metric, type OptOutSource } from '../../call/metrics';

// The SDK does not record these metrics during replay, and they add nothing to history. No label identifies a person.

export function countAnswer(answer: ContactAnswer['kind']): void {
  count(METRICS.contactAsks, { answer });
}

export function countOptOut(source: OptOutSource): void {
  count(METRICS.contactOptOuts, { source });
}

export function countExceeded(limit: ContactLimit): void {
  count(METRICS.contactExceeded, { limit });
}

export function countLimitsChanged(): void {
  count(METRICS.contactLimitsChanged);
}

/** A report that the contact workflow of the person did not receive. */
export function countLostReport(report: 'end' | 'opt_out'): void {
  count(METRICS.contactReportsLost, { report });
}

// --- internal ---

function count({ name, unit, help }: Metric, labels: Record<string, string> = {}): void {
  metricMeter.createCounter(name, unit, help).add(1, labels);
}
