import { createHmac, timingSafeEqual } from 'node:crypto';
import { instantMs } from './parse-instant';

/** A delivery older than this is refused. Vendor page "Securing webhooks". */
export const MAX_AGE_SECONDS = 300;
/** A delivery this far ahead of our clock is refused. */
export const MAX_AHEAD_SECONDS = 60;

/** The two spellings the vendor's pages and its own code use; a pair never mixes them. */
export const HEADER_FAMILIES = [
  { timestamp: 'x-truedy-timestamp', signature: 'x-truedy-signature' },
  { timestamp: 'x-trudy-timestamp', signature: 'x-trudy-signature' },
] as const;

const SECONDS = /^\d{10}$/;
/** One spelling of an instant, since what is signed is read strictly; hour 24 would be another day. */
const ISO =
  /^\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})?$/;
const HEX_SHA256 = /^[0-9a-f]{64}$/;

/** What the headers of a delivery claim. */
export interface Claim {
  /** Exactly as received: it is part of the signed text. */
  readonly timestamp: string;
  readonly signature: string;
}

/** The signature of a delivery, as lower-case hex: HMAC-SHA256 over `timestamp + "." + body`. */
export function sign(delivery: {
  readonly secret: string;
  readonly timestamp: string;
  readonly rawBody: string | Uint8Array;
}): string {
  return createHmac('sha256', delivery.secret)
    .update(`${delivery.timestamp}.`)
    .update(delivery.rawBody)
    .digest('hex');
}

/** Timestamp and signature of one family; `undefined` where no pair is whole. `X-Truedy-*` comes first. */
export function readClaim(header: (name: string) => string | undefined): Claim | undefined {
  for (const family of HEADER_FAMILIES) {
    const timestamp = header(family.timestamp);
    const signature = header(family.signature);
    if (timestamp && signature) return { timestamp, signature };
  }
  return undefined;
}

/**
 * Whether the timestamp is inside the window: 10 digits of Unix seconds, or a full ISO 8601 instant,
 * UTC where it names no offset. Both forms stand in the vendor's pages.
 */
export function isFresh(timestamp: string, nowMs: number): boolean {
  const sentMs = sentMsOf(timestamp);
  // Written so that NaN, an unreadable timestamp, fails too.
  return sentMs >= nowMs - MAX_AGE_SECONDS * 1000 && sentMs <= nowMs + MAX_AHEAD_SECONDS * 1000;
}

/** When a delivery says it was sent, in milliseconds since 1970; NaN for a timestamp of neither form. */
export function sentMsOf(timestamp: string): number {
  if (SECONDS.test(timestamp)) return Number(timestamp) * 1000;
  return ISO.test(timestamp) ? instantMs(timestamp) : Number.NaN;
}

/** Whether one of the secrets made the signature over exactly these bytes. All are tried, in constant time. */
export function isSigned(
  delivery: Claim & { readonly rawBody: Uint8Array; readonly secrets: readonly string[] },
): boolean {
  const { timestamp, signature, rawBody, secrets } = delivery;
  // Checked first: decoding would take "…zz" for what stands before it.
  if (!HEX_SHA256.test(signature)) return false;
  const claimed = Buffer.from(signature, 'hex');
  return secrets
    .map((secret) =>
      timingSafeEqual(Buffer.from(sign({ secret, timestamp, rawBody }), 'hex'), claimed),
    )
    .includes(true);
}
