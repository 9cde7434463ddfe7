import { ApplicationFailure, metricMeter, TemporalFailure } from '@temporalio/workflow';
import type { Flag } from '../call/flags';
import type { CallResult } from '../call/api-types';
import { failureLabel, learnedByLabel, METRICS } from '../call/metrics';

// Metrics are told once, never in a replay, and leave nothing in history.

export function countResult(result: CallResult, reads: number): void {
  const { callsEnded, readsPerCall } = METRICS;
  metricMeter
    .createCounter(callsEnded.name, callsEnded.unit, callsEnded.help)
    .add(1, { outcome: result.outcome, learned_by: learnedByLabel(result) });
  metricMeter
    .createHistogram(readsPerCall.name, 'int', readsPerCall.unit, readsPerCall.help)
    .record(reads);
}

/** Only what fails the run: any other error is a fault of the code, and the step is taken again. */
export function countFailure(error: unknown): void {
  if (!(error instanceof TemporalFailure)) return;
  const { name, unit, help } = METRICS.callsFailed;
  const type = error instanceof ApplicationFailure ? error.type : undefined;
  metricMeter.createCounter(name, unit, help).add(1, { type: failureLabel(type) });
}

export function countFlag(flag: Flag): void {
  const { name, unit, help } = METRICS.flags;
  metricMeter.createCounter(name, unit, help).add(1, { flag });
}
