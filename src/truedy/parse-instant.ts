const INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}(?::?\d{2})?)?$/i;

/**
 * Milliseconds since 1970 of an ISO 8601 instant, in UTC where it names no offset: the vendor's backend
 * writes such times. NaN for anything else: `Date.parse` alone finds a time in "call 5", reads a time
 * without its `Z` as local, and moves 31 February into March.
 */
export function instantMs(text: string): number {
  const [, year, month, day, time, offset = 'Z'] = INSTANT.exec(text) ?? [];
  if (year === undefined || !isDay(Number(year), Number(month), Number(day))) return Number.NaN;
  return Date.parse(`${year}-${month}-${day}T${time}${wholeOffset(offset)}`);
}

// --- internal ---

function isDay(year: number, month: number, day: number): boolean {
  return day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** `+02`, as databases write it, and `+0200` as `+02:00`. */
function wholeOffset(offset: string): string {
  const [, hours, minutes = '00'] = /^([+-]\d{2}):?(\d{2})?$/.exec(offset) ?? [];
  return hours === undefined ? 'Z' : `${hours}:${minutes}`;
}
