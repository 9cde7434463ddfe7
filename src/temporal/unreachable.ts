import type { TemporalSettings } from './client';

/** The message for a server that cannot be reached. */
export function unreachable(
  { address, addressSource }: Pick<TemporalSettings, 'address' | 'addressSource'>,
  why = 'no answer',
): string {
  return (
    `TT1001  Can't reach Temporal at ${address} (${why}). The address comes from ${addressSource}.\n` +
    '        Start a server:     temporal server start-dev\n' +
    '        Or point to yours:  TEMPORAL_ADDRESS=host:7233 or TEMPORAL_PROFILE=name'
  );
}
