const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

const DURATION = /^(\d+)(s|m|h|d)$/;

/**
 * A duration in milliseconds.
 *
 * @param text A whole number and one unit, such as `30s`, `5m`, `2h` or `1d`.
 * @returns `undefined` if the text is not a duration.
 */
export function durationMs(text: string): number | undefined {
  const [, count, unit] = DURATION.exec(text) ?? [];
  if (count === undefined || !isUnit(unit)) return undefined;
  return Number(count) * UNIT_MS[unit];
}

/**
 * A duration divided by the time scale, rounded up to whole milliseconds: timers and sockets reject fractions,
 * and a scale such as 7 or 30 divides few durations evenly.
 */
export function scaledMs(ms: number, timeScale: number): number {
  return Math.ceil(ms / timeScale);
}

/** A duration for people: `4 s`, `2 min`, `3 h 20 min`, `2 d 11 h`. */
export function spanText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

// --- internal ---

function isUnit(unit: string | undefined): unit is keyof typeof UNIT_MS {
  return unit !== undefined && unit in UNIT_MS;
}
