import { REDIAL_OUTCOMES, type Outcome, type RedialOutcome } from './outcome';
import type { CallPlan } from './plan';

/** Whether a phone is rung again: when, or why not. */
export type Redial =
  | { readonly kind: 'again'; readonly atMs: number; readonly after: RedialOutcome }
  | { readonly kind: 'over'; readonly reason: string };

/**
 * What the policy says after an attempt.
 *
 * @param ended The number of the attempt that ended, and how.
 * @param nowMs The clock, in milliseconds since 1970.
 */
export function redialAfter(
  policy: CallPlan['redial'],
  ended: { readonly number: number; readonly outcome: Outcome },
  nowMs: number,
): Redial {
  const { number, outcome } = ended;
  if (!isRedialOutcome(outcome)) return { kind: 'over', reason: `${outcome} is not redialled` };
  if (number >= policy.maxAttempts) {
    return { kind: 'over', reason: `${number} of ${policy.maxAttempts} attempts are used up` };
  }
  const delays = policy.afterMs[outcome] ?? [];
  // The list may be shorter than the attempts: its last delay repeats.
  const delayMs = delays[Math.min(number, delays.length) - 1];
  if (delayMs === undefined) return { kind: 'over', reason: `the policy names no ${outcome}` };
  return { kind: 'again', atMs: nowMs + delayMs, after: outcome };
}

function isRedialOutcome(outcome: Outcome): outcome is RedialOutcome {
  return REDIAL_OUTCOMES.some((known) => known === outcome);
}
