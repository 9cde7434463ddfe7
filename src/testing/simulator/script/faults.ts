import { createHash } from 'node:crypto';
import { z } from 'zod';

// Node's timers hold at most 2³¹ ms.
export const ms = z.number().int().min(0).max(2_000_000_000);

/** What can go wrong with one `POST /calls`. `dials`: whether the number is dialed anyway. */
export const faultSchema = z.discriminatedUnion('kind', [
  /** The connection is reset instead of answered. */
  z.strictObject({
    kind: z.literal('cut'),
    dials: z.boolean().default(true),
    afterMs: ms.default(0),
  }),
  /** The number is dialed immediately, but the response comes late. */
  z.strictObject({ kind: z.literal('slow'), afterMs: ms }),
  /** An error or a redirect. */
  z.strictObject({
    kind: z.literal('answer'),
    status: z.number().int().min(300).max(599),
    dials: z.boolean().default(false),
    code: z.string().optional(),
    message: z.string().optional(),
    /** The format: Truedy's error, the same without `meta`, its framework's, a gateway's page, or no body. */
    as: z.enum(['vendor', 'bare', 'framework', 'html', 'empty']).default('vendor'),
    retryAfterSeconds: z.number().int().nonnegative().optional(),
    /** How far `error.details.reset_at` is in the future. */
    resetAfterMs: ms.optional(),
    afterMs: ms.default(0),
  }),
  /** 201 with `status: "failed"`, although the phone rings. `corrected`: later reads are right. */
  z.strictObject({ kind: z.literal('says_failed'), corrected: z.boolean().default(false) }),
  /** 201 after a dial, with an unusable body. */
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
  /** One request causes two dials and two calls. */
  z.strictObject({ kind: z.literal('dials_twice') }),
  /** Waits until the client disconnects (or for `cutMs`) and dials `afterMs` later. */
  z.strictObject({ kind: z.literal('late'), afterMs: ms, cutMs: ms.optional() }),
  /** A client that follows it causes a dial. */
  z.strictObject({
    kind: z.literal('redirect'),
    status: z.union([z.literal(301), z.literal(302), z.literal(307), z.literal(308)]).default(307),
  }),
]);
export type Fault = z.infer<typeof faultSchema>;

/** A number from 0 to 1 that depends only on the texts, so that a run can be repeated. */
export function chanceOf(...texts: readonly string[]): number {
  return createHash('sha256').update(texts.join('\n')).digest().readUInt32BE(0) / 2 ** 32;
}
