import { createHmac, timingSafeEqual } from 'node:crypto';
import { parseInstantMs } from './parse-instant';

/** Older deliveries are rejected. See Truedy's page "Securing webhooks". */
export const MAX_AGE_SECONDS = 300;
/** Deliveries further ahead of our clock are rejected. */
export const MAX_AHEAD_SECONDS = 60;

/** The two spellings in Truedy's documentation and code. A delivery never mixes them. */
export const HEADER_FAMILIES = [
  { timestamp: 'x-truedy-timestamp', signature: 'x-truedy-signature' },
  { timestamp: 'x-trudy-timestamp', signature: 'x-trudy-signature' },
] as const;

const SECONDS = /^\d{10}$/;
/** A strict format, because the timestamp is signed. Hour 24 is rejected, as it would be another day. */
const ISO =
  /^\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})?$/;
const HEX_SHA256 = /^[0-9a-f]{64}$/;

/** What the headers of a delivery claim. */
export interface Claim {
  /** Exactly as received, because it is part of the signed text. */
  readonly timestamp: string;
  readonly signature: string;
}

/** Signs a delivery: HMAC-SHA256 of `timestamp + "." + body`, as lower-case hex. */
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

/** Reads timestamp and signature from one header family, `X-Truedy-*` first; `undefined` if neither is complete. */
export function readClaim(header: (name: string) => string | undefined): Claim | undefined {
  for (const family of HEADER_FAMILIES) {
    const timestamp = header(family.timestamp);
    const signature = header(family.signature);
    if (timestamp && signature) return { timestamp, signature };
  }
  return undefined;
}

/**
 * Whether the timestamp is recent enough. Truedy's pages document two formats: Unix seconds with 10 digits, or a full
 * ISO 8601 instant, which is UTC if it has no offset.
 */
export function isFresh(timestamp: string, nowMs: number): boolean {
  const sentMs = sentMsOf(timestamp);
  // An invalid timestamp is NaN, which fails too.
  return sentMs >= nowMs - MAX_AGE_SECONDS * 1000 && sentMs <= nowMs + MAX_AHEAD_SECONDS * 1000;
}

/** When the delivery was sent according to its timestamp, in milliseconds since 1970; NaN if it is invalid. */
export function sentMsOf(timestamp: string): number {
  if (SECONDS.test(timestamp)) return Number(timestamp) * 1000;
  return ISO.test(timestamp) ? parseInstantMs(timestamp) : Number.NaN;
}

/** Whether the signature matches these bytes with one of the secrets. Tries all of them, in constant time. */
export function isSigned(
  delivery: Claim & { readonly rawBody: Uint8Array; readonly secrets: readonly string[] },
): boolean {
  const { timestamp, signature, rawBody, secrets } = delivery;
  // Checked first, because decoding would ignore a trailing "zz".
  if (!HEX_SHA256.test(signature)) return false;
  const claimed = Buffer.from(signature, 'hex');
  return secrets
    .map((secret) =>
      timingSafeEqual(Buffer.from(sign({ secret, timestamp, rawBody }), 'hex'), claimed),
    )
    .includes(true);
}
