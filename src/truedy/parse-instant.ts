const INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}(?::?\d{2})?)?$/i;

/**
 * Parses an ISO 8601 instant into milliseconds since 1970. Without an offset it is UTC, as Truedy's backend writes it.
 *
 * @returns NaN for anything else. `Date.parse` alone finds a time in "call 5", reads a time without `Z` as local, and
 *   moves 31 February into March.
 */
export function parseInstantMs(text: string): number {
  const [, year, month, day, time, offset = 'Z'] = INSTANT.exec(text) ?? [];
  if (year === undefined || !isDay(Number(year), Number(month), Number(day))) return Number.NaN;
  return Date.parse(`${year}-${month}-${day}T${time}${fullOffset(offset)}`);
}

// --- internal ---

function isDay(year: number, month: number, day: number): boolean {
  return day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** Expands `+02`, as some databases write it, and `+0200` to `+02:00`. */
function fullOffset(offset: string): string {
  const [, hours, minutes = '00'] = /^([+-]\d{2}):?(\d{2})?$/.exec(offset) ?? [];
  return hours === undefined ? 'Z' : `${hours}:${minutes}`;
}
