import { ApplicationFailure } from '@temporalio/common';
import type { AttemptReport } from '../call/api-types';
import type { InputProblem } from '../call/input';
import { FAILURE_TYPES, type FailureType } from '../call/placement';
import { isObject } from '../call/untrusted-values';

/** Why a call failed: a problem that has to be fixed. */
export interface TruedyFailure {
  /** `CallAborted`: the run was terminated or deleted before `callPerson` had its result. */
  readonly type: FailureType | 'CallAborted';
  /** The HTTP status of Truedy's refusal. Absent if Truedy did not answer, and for `InvalidInput`. */
  readonly status?: number;
  /** The attempts that may have been sent. */
  readonly attempts: readonly AttemptReport[];
  /** Every problem of the input. Only for `InvalidInput`. */
  readonly problems?: readonly InputProblem[];
}

/**
 * The reason of a failed call, from the error of `handle.result()`, `callPerson`, or a Nexus operation.
 *
 * @returns `undefined` if the error is not one of ours, such as that of a terminated run.
 */
export function toTruedyFailure(error: unknown): TruedyFailure | undefined {
  for (const one of causes(error)) {
    if (!(one instanceof ApplicationFailure)) continue;
    const type = TYPES.find((name) => name === one.type);
    if (type !== undefined) return toFailure(type, one.details ?? []);
  }
  return undefined;
}

// --- internal ---

const TYPES = [...FAILURE_TYPES, 'CallAborted'] as const;

/** Temporal nests an error once for each child workflow, activity and Nexus operation that it passes. */
const MAX_DEPTH = 20;

function causes(error: unknown): readonly unknown[] {
  const found: unknown[] = [];
  for (let next = error; next instanceof Error && found.length < MAX_DEPTH; next = next.cause) {
    found.push(next);
  }
  return found;
}

function toFailure(type: TruedyFailure['type'], details: readonly unknown[]): TruedyFailure {
  const [first] = details;
  if (type === 'InvalidInput') {
    return { type, attempts: [], problems: Array.isArray(first) ? first.filter(isProblem) : [] };
  }
  // A Nexus operation wraps the details of a closed run in one more array.
  const fields: unknown = Array.isArray(first) ? first[0] : first;
  if (!isObject(fields)) return { type, attempts: [] };
  const { status, attempts } = fields;
  return {
    type,
    ...(typeof status === 'number' && { status }),
    attempts: Array.isArray(attempts) ? attempts.filter(isAttempt) : [],
  };
}

function isProblem(value: unknown): value is InputProblem {
  return isObject(value) && typeof value['path'] === 'string';
}

function isAttempt(value: unknown): value is AttemptReport {
  return isObject(value) && typeof value['number'] === 'number';
}
