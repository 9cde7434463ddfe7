import type { Attempt } from '../call/attempt';
import type { CallPlan } from '../call/plan';
import type { Streak } from '../call/timing';

/** How often the current request was put off, which sets the length of its next wait. */
export interface PlacingState {
  /** How often the run was held for a problem of the account. */
  readonly held: number;
  readonly streak?: Streak;
}

/** When a call may be dialed at all. `redialNow` and `reschedule` change it. */
export interface Limits {
  readonly notBeforeMs?: number | undefined;
  readonly expiresAtMs?: number | undefined;
}

/** What a run passes to the next one when it continues as new. Stored in history: fields cannot be renamed. */
export interface CarriedState {
  readonly plan: CallPlan;
  readonly attempts: readonly Attempt[];
  readonly limits: Limits;
  readonly reads: number;
  readonly placing: PlacingState;
  /** How often the run asked the contact workflow. Absent without contact limits. */
  readonly contactAsks?: number;
}
