const INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/**
 * Milliseconds since 1970.
 *
 * @param text ISO 8601 with an offset, such as `2026-12-01T09:00:00-05:00`.
 * @returns `undefined` for anything else, and for dates that do not exist: `Date.parse` alone turns
 * February 31 into a day in March.
 */
export function instantMs(text: string): number | undefined {
  const [, year, month, day] = INSTANT.exec(text) ?? [];
  if (year === undefined || !isDate(Number(year), Number(month), Number(day))) return undefined;
  return Date.parse(text);
}

// --- internal ---

function isDate(year: number, month: number, day: number): boolean {
  // Day 0 is the last day of the previous month. `Date.UTC` maps years under 100 to the 20th century.
  const lastDay = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  return month >= 1 && month <= 12 && day >= 1 && day <= lastDay;
}
