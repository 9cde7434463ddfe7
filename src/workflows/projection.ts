import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { callIdOf, isPlaced, type Attempt } from '../call/attempt';
import { toReport } from '../call/call-result';
import type { AttemptReport, CallView } from '../call/api-types';
import type { Outcome } from '../call/outcome';
import type { Phase, UpdateName } from '../call/phase';
import type { CallPlan } from '../call/plan';
import { currentDetails } from '../call/text/current-details';
import type { Limits } from './carried-state';
import { currentMs } from './clock';
import {
  TRUEDY_AGENT_ID,
  TRUEDY_ATTEMPT,
  TRUEDY_CALL_ID,
  TRUEDY_CAMPAIGN,
  TRUEDY_OUTCOME,
  TRUEDY_PHASE,
} from './search-attributes';

/** Why a call is in its phase, and when that changes by itself. */
export interface PhaseReason {
  /** One sentence. */
  readonly because: string;
  /** The reason in a few words, for the heading of the details page. */
  readonly title?: string;
  readonly nextAtMs?: number;
  /** `nextAtMs` in the local time of the recipient. */
  readonly nextThere?: string;
  /** When the phase ends at the latest. Default: `expiresAt`. */
  readonly lastMs?: number;
  /** Only in phase `ended`. Absent if the run failed. */
  readonly outcome?: Outcome;
}

export interface PhaseState extends PhaseReason {
  readonly phase: Phase;
  readonly sinceMs: number;
}

/** The part of `CallState` that is visible from outside. */
interface VisibleState {
  /** Absent until the input has been validated. */
  readonly plan?: CallPlan;
  readonly phaseState: PhaseState;
  readonly attempts: readonly Attempt[];
  readonly attempt: Attempt;
  readonly limits: Limits;
  readonly noMoreAttempts: boolean;
  readonly allowedUpdates: readonly UpdateName[];
}

/** The response to `getCall` and to every update. */
export function viewOf(state: VisibleState): CallView {
  const { phaseState, attempt } = state;
  const { phase, sinceMs, because, nextAtMs, outcome } = phaseState;
  const callId = callIdOf(attempt);
  return {
    workflowId: workflowInfo().workflowId,
    phase,
    since: new Date(sinceMs).toISOString(),
    because,
    attempt: attempt.number,
    ...(nextAtMs !== undefined && { nextAt: new Date(nextAtMs).toISOString() }),
    ...(callId !== undefined && { callId }),
    ...(outcome !== undefined && { outcome }),
    attempts: reportsOf(state.attempts),
    can: state.allowedUpdates,
  };
}

/** Reports on the attempts whose request may have left. */
export function reportsOf(attempts: readonly Attempt[]): AttemptReport[] {
  return attempts
    .filter((one) => one.sent || isPlaced(one) || one.outcome !== undefined)
    .map(toReport);
}

/** Updates the details page of the run in the Temporal UI. */
export function showDetails(state: VisibleState): void {
  const { plan, phaseState, attempt, noMoreAttempts } = state;
  if (plan === undefined) return;
  const { title, nextThere, lastMs = state.limits.expiresAtMs } = phaseState;
  const page = {
    view: viewOf(state),
    plan,
    notes: attempt.notes,
    noMoreAttempts,
    ...(title !== undefined && { title }),
    ...(nextThere !== undefined && { nextThere }),
    ...(lastMs !== undefined && { lastMs }),
  };
  setCurrentDetails(currentDetails(page, currentMs()));
}

/** Writes the search attributes, provided the worker found them registered in the namespace. */
export function writeSearchAttributes({ plan, phaseState, attempt }: VisibleState): void {
  if (plan === undefined || !plan.searchAttributes) return;
  const { phase, outcome } = phaseState;
  const { ids, number } = attempt;
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

// --- internal ---

/** The server terminates a run if the value of one search attribute exceeds 2 KiB. */
const MOST_BYTES = 1_800;

/** As many ids as fit, Truedy's own first. Ids are ASCII; each takes quotes and a comma. */
function withinServerLimit(ids: readonly string[]): string[] {
  let bytes = 0;
  return ids.filter((id) => (bytes += id.length + 3) <= MOST_BYTES);
}
