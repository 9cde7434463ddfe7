/**
 * By what the product's waits are divided. It divides hardly any limit evenly, so that a fraction of a
 * millisecond would show; and it leaves the deadline of a call longer than the 20 s that a lost worker costs.
 */
export const TIME_SCALE = 37;
/** By what the phones are faster. */
export const SPEED = 10;

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** A duration of an input, scaled. */
export function scaled(text: string): number {
  const unit = text.slice(-1) as keyof typeof UNIT_MS;
  return (Number(text.slice(0, -1)) * UNIT_MS[unit]) / TIME_SCALE;
}
