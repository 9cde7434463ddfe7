import { REDIAL_OUTCOMES, type Outcome, type RedialOutcome } from './outcome';
import type { CallPlan } from './plan';

/** Whether the number is redialed: when, or why not. */
export type Redial =
  | { readonly kind: 'again'; readonly atMs: number; readonly after: RedialOutcome }
  | { readonly kind: 'over'; readonly reason: string };

/**
 * Applies the redial policy after an attempt.
 *
 * @param ended The number of the attempt, and its outcome.
 * @param nowMs In milliseconds since 1970.
 */
export function redialAfter(
  policy: CallPlan['redial'],
  ended: { readonly number: number; readonly outcome: Outcome },
  nowMs: number,
): Redial {
  const { number, outcome } = ended;
  if (!isRedialOutcome(outcome)) return { kind: 'over', reason: `${outcome} is never redialed` };
  if (number >= policy.maxAttempts) {
    return { kind: 'over', reason: `all ${policy.maxAttempts} attempts are used up` };
  }
  const delays = policy.afterMs[outcome] ?? [];
  // The last delay repeats if there are more attempts than delays.
  const delayMs = delays[Math.min(number, delays.length) - 1];
  if (delayMs === undefined) return { kind: 'over', reason: `the policy does not name ${outcome}` };
  return { kind: 'again', atMs: nowMs + delayMs, after: outcome };
}

// --- internal ---

function isRedialOutcome(outcome: Outcome): outcome is RedialOutcome {
  return REDIAL_OUTCOMES.some((known) => known === outcome);
}
