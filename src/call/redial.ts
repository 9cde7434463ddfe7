import { REDIAL_OUTCOMES, type Outcome, type RedialOutcome } from './outcome';
import type { CallPlan } from './plan';

/**
 * When the redial policy allows the next attempt, in milliseconds since 1970. The last delay of an outcome repeats.
 *
 * @param ended The number of the last attempt, and its outcome.
 * @returns `undefined` if the policy allows no further attempt.
 */
export function redialTime(
  policy: CallPlan['redial'],
  ended: { readonly number: number; readonly outcome: Outcome },
  nowMs: number,
): number | undefined {
  const { number, outcome } = ended;
  if (!isRedialOutcome(outcome) || number >= policy.maxAttempts) return undefined;
  const delays = policy.afterMs[outcome] ?? [];
  const delayMs = delays[Math.min(number, delays.length) - 1];
  return delayMs === undefined ? undefined : nowMs + delayMs;
}

// --- internal ---

function isRedialOutcome(outcome: Outcome): outcome is RedialOutcome {
  return REDIAL_OUTCOMES.some((known) => known === outcome);
}
