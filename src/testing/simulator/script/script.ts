import { z } from 'zod';

import { faultSchema } from './faults';

// Timers of Node hold no more than 2³¹ ms.
const ms = z.number().int().min(0).max(2_000_000_000);
const number = z.string().regex(/^\+\d{7,15}$/, 'is no number, such as +14155550101');

export const PHONES = [
  'answered',
  'voicemail',
  'busy',
  'no_answer',
  'declined',
  'invalid_number',
  'unreachable',
  'cancelled',
  'failed',
  'stuck_queued',
  'stuck_ringing',
  'stuck_in_progress',
] as const;
export type Phone = (typeof PHONES)[number];

export const EVENTS = ['call.started', 'call.joined', 'call.ended', 'call.failed'] as const;
export type EventName = (typeof EVENTS)[number];

/** How deliveries are made. */
export const deliverySchema = z.strictObject({
  /** Only these; none = every delivery is lost. */
  events: z.array(z.enum(EVENTS)).optional(),
  /** W3: the whole call (default). W1: the carrier's own object. W2: id and status. W4: as W1, time without a zone. */
  shape: z.enum(['W1', 'W2', 'W3', 'W4']).optional(),
  delayMs: ms.optional(),
  /** All sent at once. */
  copies: z.number().int().min(1).max(100).optional(),
  /** Held until the call is over, then sent last first. */
  reversed: z.boolean().optional(),
  /** The answer to the POST waits until this one was delivered. */
  early: z.enum(EVENTS).optional(),
  sign: z.enum(['right', 'wrong_secret', 'tampered', 'missing', 'legacy']).optional(),
  /** Added to the signed time: −600,000 is stale. */
  stampOffsetMs: z.number().int().optional(),
  headers: z.enum(['X-Truedy', 'X-Trudy']).optional(),
  timestamp: z.enum(['seconds', 'iso']).optional(),
  /** Whether variables are in it. Default true. */
  echo: z.boolean().optional(),
  /** How often one is sent where it is answered 503 or not at all. Default 3. */
  tries: z.number().int().min(1).max(20).optional(),
});
export type DeliveryPlan = z.infer<typeof deliverySchema>;

/** All that can be scripted about the calls to one number. Every part may be left out. */
const planSchema = z.strictObject({
  phone: z.enum(PHONES).optional(),
  /** Phones by the count of earlier dials to this number in the same conversation; the last one repeats. */
  phones: z.array(z.enum(PHONES)).min(1).optional(),
  /** From the dial to each stage, before SIMULATOR_SPEED. Default 500, 1000, 3000. */
  times: z.strictObject({ ringMs: ms, joinMs: ms, endMs: ms }).partial().optional(),
  durationSeconds: z.number().nonnegative().optional(),
  /** Instead of the phone's own words; `null` = the vendor tells none. */
  outcome: z.string().nullable().optional(),
  endReason: z.string().nullable().optional(),
  transcriptBytes: z.number().int().nonnegative().max(50_000_000).optional(),
  /** Transcript, summary and recording are `null` for so long after the end. Default 0. */
  artifactsAfterMs: ms.optional(),
  post: faultSchema.optional(),
  /** How `GET /calls/:id` answers. */
  read: z
    .strictObject({
      /** 404 for so many reads. */
      missing: z.number().int().nonnegative().optional(),
      /** Status words of the next reads, before the truth is told; any words. */
      says: z.array(z.string()).optional(),
      /** The status the first `firstEndingReads` (default 1) reads of the ended call tell. */
      firstEnding: z.string().optional(),
      firstEndingReads: z.number().int().min(1).optional(),
      fail: z
        .strictObject({ status: z.number().int().min(400).max(599), times: z.number().int() })
        .optional(),
      slowMs: ms.optional(),
      /** Another number than the one dialled. */
      number: number.optional(),
    })
    .optional(),
  /** How this call stands in the listing. */
  listing: z
    .strictObject({
      lagMs: ms.optional(),
      hidden: z.boolean().optional(),
      number: number.optional(),
      /** A second row with the same reference. */
      twin: z.boolean().optional(),
    })
    .optional(),
  webhooks: deliverySchema.optional(),
});
export type Plan = z.infer<typeof planSchema>;

const ENDPOINTS = ['post', 'read', 'list', 'agents'] as const;
const DIALECTS = ['guide', 'data'] as const;
export type Endpoint = (typeof ENDPOINTS)[number];
/** Those that speak of calls, of which every dialect has its own words. */
export type CallEndpoint = Exclude<Endpoint, 'agents'>;
export type Dialect = (typeof DIALECTS)[number];

const outageSchema = z.strictObject({
  on: z
    .array(z.enum(ENDPOINTS))
    .min(1)
    .default([...ENDPOINTS]),
  /** From now. */
  fromMs: ms.default(0),
  forMs: ms,
  status: z.number().int().min(400).max(599),
  code: z.string().optional(),
  resetAfterMs: ms.optional(),
});
export type Outage = z.infer<typeof outageSchema>;

const listSchema = z.strictObject({
  /** New calls are absent for so long. */
  lagMs: ms.optional(),
  /** Never more rows in a page, whatever was asked for. */
  pageCap: z.number().int().min(1).optional(),
  /** Answers this on one page (from 1; absent: on all), for so many requests (absent: always). */
  fail: z
    .strictObject({
      status: z.number().int().min(400).max(599),
      page: z.number().int().min(1).optional(),
      times: z.number().int().min(1).optional(),
    })
    .optional(),
  empty: z.boolean().optional(),
  /** Only what was there at that moment: pages from then on are stale. */
  frozen: z.boolean().optional(),
  order: z.enum(['newest', 'oldest']).optional(),
  slowMs: ms.optional(),
  /** A call of somebody else's is inserted after every page. */
  inserts: z.boolean().optional(),
  /** One row of each page lacks its id. */
  malformed: z.boolean().optional(),
});
export type ListPlan = z.infer<typeof listSchema>;

const IDEMPOTENCY_MODES = [
  'documented',
  'non_atomic',
  'legacy_hash',
  'fail_open',
  'broken',
] as const;

/** The body of `POST /_sim/plan`. What it names is replaced, the rest stays. */
export const planRequestSchema = z.strictObject({
  /** First of all, back to how the simulator started. Calls and ledger stay. */
  reset: z.literal(true).optional(),
  defaults: planSchema.optional(),
  /** A list: the plans of the 1st, 2nd … POST to that number; the last one repeats. */
  numbers: z.record(number, z.union([planSchema, z.array(planSchema).min(1)])).optional(),
  /** Per reference: which faults, with what probability. They meet its first `posts` (default 1) POSTs. */
  seed: z
    .strictObject({
      value: z.string(),
      posts: z.number().int().min(1).default(1),
      faults: z.array(z.strictObject({ chance: z.number().min(0).max(1), plan: planSchema })),
    })
    .nullable()
    .optional(),
  list: listSchema.optional(),
  outages: z.array(outageSchema).optional(),
  rateLimit: z
    .strictObject({
      /** `null`: none. */
      perMinute: z.number().int().min(1).nullable(),
      code: z.enum(['rate_limited', 'rate_limit_exceeded']).default('rate_limited'),
      as500: z.boolean().default(false),
    })
    .optional(),
  dialect: z
    .union([
      z.enum(DIALECTS),
      z
        .strictObject({ post: z.enum(DIALECTS), read: z.enum(DIALECTS), list: z.enum(DIALECTS) })
        .partial(),
    ])
    .optional(),
  /** Whether answers and rows hold the variables. */
  echo: z.boolean().optional(),
  idempotency: z
    .strictObject({
      mode: z.enum(IDEMPOTENCY_MODES),
      /** Kept answers are forgotten after so long. Absent: never. */
      ttlMs: ms.optional(),
      /** In all modes but `documented`: how long after the dial the answer is kept. */
      storeAfterMs: ms.optional(),
    })
    .optional(),
});
export type PlanRequest = z.infer<typeof planRequestSchema>;
