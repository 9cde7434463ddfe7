import { upsertSearchAttributes } from '@temporalio/workflow';
import type { Attempt } from '../call/attempt';
import type { Phase } from '../call/api-types';
import type { Outcome } from '../call/outcome';
import type { CallPlan } from '../call/plan';
import {
  TRUEDY_AGENT_ID,
  TRUEDY_ATTEMPT,
  TRUEDY_CALL_ID,
  TRUEDY_CAMPAIGN,
  TRUEDY_OUTCOME,
  TRUEDY_PHASE,
} from './search-attributes';

/** Writes the search attributes, where the worker found that the namespace has them. */
export function announce(
  plan: CallPlan,
  standing: { readonly phase: Phase; readonly outcome: Outcome | undefined },
  { ids, number }: Attempt,
): void {
  if (!plan.searchAttributes) return;
  const { phase, outcome } = standing;
  const campaign = plan.labels['campaign'];
  upsertSearchAttributes([
    { key: TRUEDY_PHASE, value: phase },
    { key: TRUEDY_ATTEMPT, value: number },
    { key: TRUEDY_AGENT_ID, value: plan.call.agent_id },
    ...(campaign === undefined ? [] : [{ key: TRUEDY_CAMPAIGN, value: campaign }]),
    ...(ids.length === 0 ? [] : [{ key: TRUEDY_CALL_ID, value: withinServerLimit(ids) }]),
    ...(outcome === undefined ? [] : [{ key: TRUEDY_OUTCOME, value: outcome }]),
  ]);
}

/** The server terminates a run whose value of one search attribute is over 2 KiB. */
const MOST_BYTES = 1_800;

/** The first ids, the vendor's own among them. They are ASCII, and each takes quotes and a comma. */
function withinServerLimit(ids: readonly string[]): string[] {
  let bytes = 0;
  return ids.filter((id) => (bytes += id.length + 3) <= MOST_BYTES);
}
