import { createHash } from 'node:crypto';

import { z } from 'zod';

// Timers of Node hold no more than 2³¹ ms.
const ms = z.number().int().min(0).max(2_000_000_000);

/** What can go wrong with one `POST /calls`. `dials`: whether the phone rings all the same. */
export const faultSchema = z.discriminatedUnion('kind', [
  /** The connection is reset instead of answered. */
  z.strictObject({
    kind: z.literal('cut'),
    dials: z.boolean().default(true),
    afterMs: ms.default(0),
  }),
  /** The phone is rung at once, the answer comes late. */
  z.strictObject({ kind: z.literal('slow'), afterMs: ms }),
  /** An answer that is no success. */
  z.strictObject({
    kind: z.literal('answer'),
    status: z.number().int().min(300).max(599),
    dials: z.boolean().default(false),
    code: z.string().optional(),
    message: z.string().optional(),
    /** Who speaks: the vendor, the vendor's error without `meta`, the framework below it, or a gateway. */
    as: z.enum(['vendor', 'bare', 'framework', 'html', 'empty']).default('vendor'),
    retryAfterSeconds: z.number().int().nonnegative().optional(),
    /** `error.details.reset_at`, so far ahead. */
    resetAfterMs: ms.optional(),
    afterMs: ms.default(0),
  }),
  /** 201 with `status: "failed"`, though the phone rings. `corrected`: later reads tell the truth. */
  z.strictObject({ kind: z.literal('says_failed'), corrected: z.boolean().default(false) }),
  /** 201 after a dial, with a body that is of no use. */
  z.strictObject({
    kind: z.literal('broken'),
    how: z.enum([
      'truncated',
      'cut_body',
      'missing_id',
      'number_id',
      'long_id',
      'strange_id',
      'html',
      'empty',
      'array',
    ]),
  }),
  /** 201 after a dial, one byte at a time. */
  z.strictObject({ kind: z.literal('drip'), everyMs: ms.default(1000) }),
  /** The carrier is asked twice inside one request: two dials, two calls. */
  z.strictObject({ kind: z.literal('dials_twice') }),
  /** Held until the client gives up (or `cutMs` has passed), and carried out `afterMs` later. */
  z.strictObject({ kind: z.literal('late'), afterMs: ms, cutMs: ms.optional() }),
  /** Whoever follows it rings the phone. */
  z.strictObject({
    kind: z.literal('redirect'),
    status: z.union([z.literal(301), z.literal(302), z.literal(307), z.literal(308)]).default(307),
  }),
]);
export type Fault = z.infer<typeof faultSchema>;

/** A number from 0 to 1 that depends on nothing but the texts, so that a run repeats. */
export function chanceOf(...texts: readonly string[]): number {
  return createHash('sha256').update(texts.join('\n')).digest().readUInt32BE(0) / 2 ** 32;
}
