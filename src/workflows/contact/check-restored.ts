import { ApplicationFailure } from '@temporalio/workflow';
import { fieldsOf } from '../../call/untrusted-values';

/** Validates the opt-outs that another program sent. @throws ApplicationFailure `InvalidInput` */
export function checkRestored(restored: unknown): void {
  const isValid =
    Array.isArray(restored) && restored.length <= MAX_RESTORED && restored.every(isOptOut);
  if (isValid) return;
  const message = `InvalidInput: expected at most ${MAX_RESTORED} opt-outs, each with atMs`;
  throw ApplicationFailure.nonRetryable(message, 'InvalidInput');
}

// --- internal ---

const MAX_RESTORED = 1_000;

function isOptOut(value: unknown): boolean {
  const { atMs, endedMs = atMs, reason = '', endReason = '' } = fieldsOf(value);
  const areTexts = typeof reason === 'string' && typeof endReason === 'string';
  return Number.isSafeInteger(atMs) && Number.isSafeInteger(endedMs) && areTexts;
}
