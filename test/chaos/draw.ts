import * as fc from 'fast-check';

/** A value, or how it is drawn, with its weight. */
export type Chance<T> = readonly [weight: number, of: fc.Arbitrary<T> | T];

/** Draws one of several values by weight. */
export function pick<T>(...chances: readonly Chance<T>[]): fc.Arbitrary<T> {
  return fc.oneof(
    ...chances.map(([weight, of]) => ({
      weight,
      arbitrary: of instanceof fc.Arbitrary ? of : fc.constant(of),
    })),
  );
}

/** Draws a value in this percentage of cases, and `undefined` in the others. */
export function sometimes<T>(percent: number, of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  const tenths = Math.round(percent * 10);
  return pick<T | undefined>([tenths, of], [1_000 - tenths, undefined]);
}

export function between(min: number, max: number): fc.Arbitrary<number> {
  return fc.integer({ min, max });
}

/** Draws an object. Fields that are `undefined` are omitted. */
export function parts<T extends object>(
  of: Readonly<Record<string, fc.Arbitrary<unknown>>>,
): fc.Arbitrary<T> {
  return fc
    .record(of)
    .map((drawn) => Object.entries(drawn).filter(([, value]) => value !== undefined))
    .map((drawn) => Object.fromEntries(drawn) as T);
}

/** Draws `count` values. The first ones do not depend on the count. */
export function drawAll<T>(of: fc.Arbitrary<T>, seed: number, count: number): readonly T[] {
  return count === 0 ? [] : fc.sample(fc.noBias(of), { seed, numRuns: count });
}
