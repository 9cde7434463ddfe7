/**
 * Divides the waits of the product. It divides few limits evenly, so that fractional milliseconds would cause errors, and
 * it leaves the deadline of a call longer than the 20 s that a lost worker costs.
 */
export const TIME_SCALE = 37;
/** Speeds up the simulated phones. */
export const SPEED = 10;

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** A duration of the input, scaled, in milliseconds. */
export function scaled(text: string): number {
  const unit = text.slice(-1) as keyof typeof UNIT_MS;
  return (Number(text.slice(0, -1)) * UNIT_MS[unit]) / TIME_SCALE;
}
