import { reportsOf } from './facts-of';
import type { Facts } from './play';
import type { Rule } from './rule';
import {
  actsOnRedialNow,
  keepsDelays,
  keepsLimits,
  keepsTheInput,
  leavesLiveCallsAlone,
  sendsInOrder,
  sendsInTime,
  sendsOnce,
  stopsAfterFlags,
  stopsAfterTalk,
  stopsAfterUnknown,
  stopsRequests,
  stopsWhenAsked,
  waitsForLateDials,
  waitsToSettle,
} from './rules-dials';
import {
  answersUpdates,
  believesRefusals,
  breaksNoTask,
  closes,
  doubtsAnswers,
  doubtsContradictions,
  flagsTwins,
  losesNothing,
  namesItsOwnCalls,
  provesOutcomes,
  reportsDials,
} from './rules-results';

/**
 * The promises that a history breaks. The rules follow only the README and the table of `docs/unknown.md`, and do not
 * depend on how the workflow decides.
 */
export function violations(facts: Facts): readonly Violation[] {
  return RULES.flatMap((rule) => rule(facts).map((text) => ({ rule: rule.name, text })));
}

/** A broken promise: the rule that found it, and what happened. */
export interface Violation {
  readonly rule: string;
  readonly text: string;
}

/** Whether a machine that is too slow for the waits at this time scale can break the rule too. */
export function dependsOnSpeed({ rule }: Violation): boolean {
  return [losesNothing, closes, worsened, stopsRequests, actsOnRedialNow].some(
    ({ name }) => name === rule,
  );
}

const RULES: readonly Rule[] = [
  sendsOnce,
  sendsInOrder,
  leavesLiveCallsAlone,
  waitsForLateDials,
  waitsToSettle,
  stopsAfterUnknown,
  stopsAfterTalk,
  stopsAfterFlags,
  stopsWhenAsked,
  stopsRequests,
  sendsInTime,
  actsOnRedialNow,
  keepsLimits,
  keepsDelays,
  keepsTheInput,
  breaksNoTask,
  closes,
  reportsDials,
  losesNothing,
  believesRefusals,
  provesOutcomes,
  doubtsAnswers,
  doubtsContradictions,
  namesItsOwnCalls,
  flagsTwins,
  answersUpdates,
];

/** Webhooks in addition to the same evidence never make a result worse. */
export function worsened(withWebhooks: Facts, withoutWebhooks: Facts): readonly Violation[] {
  const [polled] = reportsOf(withoutWebhooks);
  const [delivered] = reportsOf(withWebhooks);
  if (polled?.outcome === undefined || polled.outcome === 'unknown') return [];
  if (delivered?.outcome !== 'unknown') return [];
  const text = `attempt 1 is unknown with webhooks, and ${polled.outcome} without them`;
  return [{ rule: worsened.name, text }];
}
