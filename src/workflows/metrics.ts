import { ApplicationFailure, log, metricMeter, TemporalFailure } from '@temporalio/workflow';
import { FLAGS, type CallResult } from '../call/api-types';
import { newFlags, type Attempt } from '../call/attempt';
import { failureLabel, learnedByLabel, METRICS } from '../call/metrics';

// The SDK does not record these metrics during replay, and they add nothing to history.

export function countResult(result: CallResult, reads: number): void {
  const { callsEnded, readsPerCall } = METRICS;
  metricMeter
    .createCounter(callsEnded.name, callsEnded.unit, callsEnded.help)
    .add(1, { outcome: result.outcome, learned_by: learnedByLabel(result) });
  metricMeter
    .createHistogram(readsPerCall.name, 'int', readsPerCall.unit, readsPerCall.help)
    .record(reads);
}

/** Counts an error that fails the run. Any other error is a bug: it fails the workflow task, which is retried. */
export function countFailure(error: unknown): void {
  if (!(error instanceof TemporalFailure)) return;
  const { name, unit, help } = METRICS.callsFailed;
  const type = error instanceof ApplicationFailure ? error.type : undefined;
  metricMeter.createCounter(name, unit, help).add(1, { type: failureLabel(type) });
}

/** Logs and counts the flags that were added. */
export function reportFlags(before: readonly Attempt[], after: readonly Attempt[]): void {
  const { name, unit, help } = METRICS.flags;
  for (const { attempt, flag } of newFlags(before, after)) {
    log.warn(FLAGS[flag], { attempt, flag });
    metricMeter.createCounter(name, unit, help).add(1, { flag });
  }
}
