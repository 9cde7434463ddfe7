import * as fc from 'fast-check';

/** What is drawn, and how often among its neighbors. */
export type Chance<T> = readonly [weight: number, of: fc.Arbitrary<T> | T];

/** One of several, by weight. */
export function pick<T>(...chances: readonly Chance<T>[]): fc.Arbitrary<T> {
  return fc.oneof(
    ...chances.map(([weight, of]) => ({
      weight,
      arbitrary: of instanceof fc.Arbitrary ? of : fc.constant(of),
    })),
  );
}

/** In so many of a hundred cases; `undefined` in the others. */
export function sometimes<T>(percent: number, of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  const tenths = Math.round(percent * 10);
  return pick<T | undefined>([tenths, of], [1_000 - tenths, undefined]);
}

export function between(min: number, max: number): fc.Arbitrary<number> {
  return fc.integer({ min, max });
}

/** The parts that were drawn; a part that is `undefined` is left out. */
export function parts<T extends object>(
  of: Readonly<Record<string, fc.Arbitrary<unknown>>>,
): fc.Arbitrary<T> {
  return fc
    .record(of)
    .map((drawn) => Object.entries(drawn).filter(([, value]) => value !== undefined))
    .map((drawn) => Object.fromEntries(drawn) as T);
}

/** So many values; the first ones are the same however many are asked for. */
export function drawAll<T>(of: fc.Arbitrary<T>, seed: number, count: number): readonly T[] {
  return count === 0 ? [] : fc.sample(fc.noBias(of), { seed, numRuns: count });
}
