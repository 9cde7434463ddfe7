import { spanText } from '../../call/text/masking';
import type { TimeFormat } from './flags';

/** An instant as `--time-format` asks for it: as it is, or as a distance from now. */
export function timeText(instant: string, format: TimeFormat): string {
  if (format !== 'relative') return instant;
  const distanceMs = Date.parse(instant) - Date.now();
  return distanceMs > 0 ? `in ${spanText(distanceMs)}` : `${spanText(-distanceMs)} ago`;
}
