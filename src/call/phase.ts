import type { Phase, Step } from './api-types';

const WAITS: readonly Phase[] = ['waiting', 'redial_wait', 'held'];

/**
 * The updates that are taken in a phase: what validators ask, and what people are offered.
 *
 * @param isOver Whether no further attempt is wanted.
 */
export function stepsIn(phase: Phase, isOver: boolean): readonly Step[] {
  if (phase === 'ended') return [];
  return [
    ...(WAITS.includes(phase) && !isOver ? (['redialNow', 'reschedule'] as const) : []),
    ...(phase === 'unclear' ? (['resolve'] as const) : []),
    ...(isOver ? [] : (['stop'] as const)),
  ];
}
