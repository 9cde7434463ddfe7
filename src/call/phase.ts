/** The state of a call, as the details page, the query, the command line, the search attribute and metrics name it. */
export const PHASES = [
  'waiting',
  'placing',
  'unclear',
  'queued',
  'ringing',
  'in_progress',
  'redial_wait',
  'held',
  'ended',
] as const;
export type Phase = (typeof PHASES)[number];

/** The updates that an operator can send, by their public names. */
export const UPDATE_NAMES = ['redialNow', 'reschedule', 'stop', 'resolve'] as const;
export type UpdateName = (typeof UPDATE_NAMES)[number];

/** The phases in which a run only waits, and an operator can reschedule or end the wait. */
export const WAITING_PHASES: readonly Phase[] = ['waiting', 'redial_wait', 'held'];

/** The phases in which Truedy has a call: it may be queued, ringing or answered. */
export const LIVE_PHASES: readonly Phase[] = ['queued', 'ringing', 'in_progress'];

/**
 * The updates that are accepted in a phase. Validators enforce this list, and the details page offers it.
 *
 * @param noMoreAttempts Whether the call was stopped or canceled.
 */
export function allowedUpdates(phase: Phase, noMoreAttempts: boolean): readonly UpdateName[] {
  if (phase === 'ended') return [];
  return [
    ...(WAITING_PHASES.includes(phase) && !noMoreAttempts
      ? (['redialNow', 'reschedule'] as const)
      : []),
    ...(phase === 'unclear' ? (['resolve'] as const) : []),
    ...(noMoreAttempts ? [] : (['stop'] as const)),
  ];
}
