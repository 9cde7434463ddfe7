import { spanText } from '../../call/text/duration';
import type { TimeFormat } from './flags';

/** A time in the format of `--time-format`. */
export function timeText(instant: string, format: TimeFormat): string {
  if (format !== 'relative') return instant;
  const distanceMs = Date.parse(instant) - Date.now();
  return distanceMs > 0 ? `in ${spanText(distanceMs)}` : `${spanText(-distanceMs)} ago`;
}
