import { createHmac } from 'node:crypto';
import { hostname } from 'node:os';
import type { ContactPolicy } from '../call/contact/policy';

/** The contact limits of one worker. */
interface ContactLimits {
  readonly policy: ContactPolicy;
  readonly key: string;
}

/**
 * 8 hex digits that are the same for the same policy and key. They do not reveal the key: 32 bits of an HMAC fit
 * countless keys, unless the key is one that can be guessed.
 */
export function contactFingerprint({ policy, key }: ContactLimits): string {
  const { minGapMs, perDay, perWeek, concurrent, timeZone } = policy;
  // The order of fields does not matter in the setting.
  const text = JSON.stringify([minGapMs, perDay, perWeek, concurrent, timeZone]);
  return createHmac('sha256', key).update(`contact policy ${text}`).digest('hex').slice(0, 8);
}

/**
 * The identity of a worker, which shows its contact limits to the doctor: `12345@host contacts:1a2b3c4d`.
 *
 * @param given The identity so far. One of the user's own stays as it is. Absent, or the SDK's default, is replaced.
 * @returns `undefined` for the SDK's default.
 */
export function workerIdentity(
  given: string | undefined,
  contacts: ContactLimits | undefined,
): string | undefined {
  const usual = `${process.pid}@${hostname()}`;
  if (contacts === undefined || (given !== undefined && given !== usual)) return given;
  return `${usual} contacts:${contactFingerprint(contacts)}`;
}

/** The fingerprint in the identity of a worker; else `none`, or `hidden` if its user gave it an identity of its own. */
export function fingerprintIn(identity: string): string {
  const [, fingerprint] = / contacts:([0-9a-f]{8})$/.exec(identity) ?? [];
  if (fingerprint !== undefined) return fingerprint;
  return /^\d+@\S+$/.test(identity) ? 'none' : 'hidden';
}
