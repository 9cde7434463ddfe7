const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A whole number and one unit: `30s`, `5m`, `2h`, `1d`. */
const DURATION = /^(\d+)(s|m|h|d)$/;

/**
 * A duration in milliseconds.
 *
 * @param text A whole number and one unit, such as `30s`, `5m`, `2h` or `1d`.
 * @returns `undefined` where the text is no duration, so that the caller can name its fault.
 */
export function durationMs(text: string): number | undefined {
  const [, count, unit] = DURATION.exec(text) ?? [];
  if (count === undefined || !isUnit(unit)) return undefined;
  return Number(count) * UNIT_MS[unit];
}

/**
 * A span divided by the time scale, in whole milliseconds: timers and sockets refuse fractions, and a
 * scale such as 7 or 30 divides few spans evenly.
 */
export function scaledMs(ms: number, timeScale: number): number {
  return Math.ceil(ms / timeScale);
}

function isUnit(unit: string | undefined): unit is keyof typeof UNIT_MS {
  return unit !== undefined && unit in UNIT_MS;
}
