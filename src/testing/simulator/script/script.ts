import { z } from 'zod';
import { faultSchema, ms } from './faults';

const number = z.string().regex(/^\+\d{7,15}$/, 'is not a number such as +14155550101');

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

/** How deliveries are sent. */
export const deliverySchema = z.strictObject({
  /** Only these are sent; an empty list loses every delivery. */
  events: z.array(z.enum(EVENTS)).optional(),
  /** W3: the whole call (default). W1: the carrier's object. W2: id and status. W4: W1 with a time without a zone. */
  shape: z.enum(['W1', 'W2', 'W3', 'W4']).optional(),
  delayMs: ms.optional(),
  /** All are sent at the same time. */
  copies: z.number().int().min(1).max(100).optional(),
  /** Kept until the call has ended, then sent in reverse. */
  reversed: z.boolean().optional(),
  /** The response to the POST waits until this event was delivered. */
  early: z.enum(EVENTS).optional(),
  sign: z.enum(['right', 'wrong_secret', 'tampered', 'missing', 'legacy']).optional(),
  /** Added to the signed time: −600,000 makes it stale. */
  stampOffsetMs: z.number().int().optional(),
  headers: z.enum(['X-Truedy', 'X-Trudy']).optional(),
  timestamp: z.enum(['seconds', 'iso']).optional(),
  /** Whether it contains variables. Default true. */
  echo: z.boolean().optional(),
  /** How often a delivery is sent if it gets 503 or no response. Default 3. */
  tries: z.number().int().min(1).max(20).optional(),
});
export type DeliveryScript = z.infer<typeof deliverySchema>;

/** A script for the calls to one number; the control API calls it a plan. Every part is optional. */
const scriptSchema = z.strictObject({
  phone: z.enum(PHONES).optional(),
  /** One phone per dial to this number in the same conversation; the last one repeats. */
  phones: z.array(z.enum(PHONES)).min(1).optional(),
  /** From the dial to each stage, before SIMULATOR_SPEED divides it. Default 500, 1000, 3000. */
  times: z.strictObject({ ringMs: ms, joinMs: ms, endMs: ms }).partial().optional(),
  durationSeconds: z.number().nonnegative().optional(),
  /** Replaces the phone's own outcome; `null`: Truedy reports none. */
  outcome: z.string().nullable().optional(),
  endReason: z.string().nullable().optional(),
  /** What Truedy reports of a conversation. Only if a person or a machine answers. */
  summary: z.string().optional(),
  transcript: z
    .array(z.strictObject({ speaker: z.enum(['agent', 'contact']), text: z.string() }))
    .optional(),
  /** A transcript of this size instead. */
  transcriptBytes: z.number().int().nonnegative().max(50_000_000).optional(),
  /** How long transcript, summary and recording stay `null` after the end. Default 0. */
  artifactsAfterMs: ms.optional(),
  post: faultSchema.optional(),
  /** How `GET /calls/:id` answers. */
  read: z
    .strictObject({
      /** The number of reads that return 404 first. */
      missing: z.number().int().nonnegative().optional(),
      /** Any statuses, which the next reads report before the true one. */
      says: z.array(z.string()).optional(),
      /** The status that the first `firstEndingReads` (default 1) reads of the ended call report. */
      firstEnding: z.string().optional(),
      firstEndingReads: z.number().int().min(1).optional(),
      fail: z
        .strictObject({ status: z.number().int().min(400).max(599), times: z.number().int() })
        .optional(),
      slowMs: ms.optional(),
      /** Reported instead of the number that was dialed. */
      number: number.optional(),
    })
    .optional(),
  /** How the listing shows this call. */
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
export type CallScript = z.infer<typeof scriptSchema>;
/** A script as a program writes it: fields with a default can be omitted. */
export type PhonePlan = z.input<typeof scriptSchema>;

const ENDPOINTS = ['post', 'read', 'list', 'agents'] as const;
const DIALECTS = ['guide', 'data'] as const;
export type Endpoint = (typeof ENDPOINTS)[number];
/** The endpoints about calls, which differ between dialects. */
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
  /** How long new calls are absent. */
  lagMs: ms.optional(),
  /** The most rows in a page, whatever the query asks for. */
  pageCap: z.number().int().min(1).optional(),
  /** Returns this status on one page (from 1; absent: all), for `times` requests (absent: always). */
  fail: z
    .strictObject({
      status: z.number().int().min(400).max(599),
      page: z.number().int().min(1).optional(),
      times: z.number().int().min(1).optional(),
    })
    .optional(),
  empty: z.boolean().optional(),
  /** Shows only the calls that exist now, so that later pages are stale. */
  frozen: z.boolean().optional(),
  order: z.enum(['newest', 'oldest']).optional(),
  slowMs: ms.optional(),
  /** Inserts a call by another program after every page. */
  inserts: z.boolean().optional(),
  /** One row of each page lacks its id. */
  malformed: z.boolean().optional(),
});
export type ListScript = z.infer<typeof listSchema>;

const IDEMPOTENCY_MODES = [
  'documented',
  'non_atomic',
  'legacy_hash',
  'fail_open',
  'broken',
] as const;

/** The body of `POST /_sim/plan`. Replaces the parts it contains and keeps the others. */
export const scriptRequestSchema = z.strictObject({
  /** First restores the initial settings. Calls and ledger are kept. */
  reset: z.literal(true).optional(),
  defaults: scriptSchema.optional(),
  /** A list has one script per POST to that number; the last one repeats. */
  numbers: z.record(number, z.union([scriptSchema, z.array(scriptSchema).min(1)])).optional(),
  /** Random faults per reference, each with its probability, for its first `posts` (default 1) POSTs. */
  seed: z
    .strictObject({
      value: z.string(),
      posts: z.number().int().min(1).default(1),
      faults: z.array(z.strictObject({ chance: z.number().min(0).max(1), plan: scriptSchema })),
    })
    .nullable()
    .optional(),
  list: listSchema.optional(),
  outages: z.array(outageSchema).optional(),
  rateLimit: z
    .strictObject({
      /** `null`: no limit. */
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
  /** Whether responses and rows contain the variables. */
  echo: z.boolean().optional(),
  idempotency: z
    .strictObject({
      mode: z.enum(IDEMPOTENCY_MODES),
      /** When stored answers expire. Absent: never. */
      ttlMs: ms.optional(),
      /** In all modes except `documented`: how long after the dial the answer is stored. */
      storeAfterMs: ms.optional(),
    })
    .optional(),
});
export type ScriptRequest = z.infer<typeof scriptRequestSchema>;
