import type { Facts } from './play';

/** Returns a sentence for each violation of one promise. Its name appears in the report. */
export type Rule = (facts: Facts) => readonly string[];
