import type { TemporalSettings } from './client';

/** What is said wherever no server answers. */
export function unreachable(
  { address, namedBy }: Pick<TemporalSettings, 'address' | 'namedBy'>,
  why = 'no answer',
): string {
  return (
    `TT1001  Can't reach Temporal at ${address} (${why}). The address is ${namedBy}.\n` +
    '        Start one:          temporal server start-dev\n' +
    '        Or point to yours:  TEMPORAL_ADDRESS=host:7233 or TEMPORAL_PROFILE=name'
  );
}
